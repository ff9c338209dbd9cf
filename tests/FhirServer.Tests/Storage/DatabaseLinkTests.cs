using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Beyond this machine the database has to prove who it is.</summary>
[Trait("Requirement", "S-60")]
public sealed class DatabaseLinkTests
{
    [Theory]
    [InlineData("postgres", "Host=db;Database=emr;Password=k2!x", "SSL Mode=VerifyFull")]
    [InlineData("postgres", "Host=db;Database=emr;SSL Mode=Require", "SSL Mode=VerifyFull")]
    [InlineData("postgres", "Host=db;Database=emr;SSL Mode=VerifyCA", "SSL Mode=VerifyFull")]
    [InlineData("postgres", "Host=localhost,db.example.org:5433;Database=emr", "SSL Mode=VerifyFull")]
    [InlineData("sqlserver", "Server=db;Database=emr;Password=k2!x;TrustServerCertificate=True", "no TrustServerCertificate")]
    [InlineData("sqlserver", "Server=tcp:db,1433;Database=emr;Encrypt=False", "Encrypt=True")]
    public void A_link_that_anybody_could_answer_is_named_with_the_fix_and_without_the_password(string provider, string link, string fix)
    {
        var fault = DatabaseLink.Fault(new() { Provider = provider, ConnectionString = link });

        Assert.NotNull(fault);
        Assert.Contains(fix, fault, StringComparison.Ordinal);
        Assert.Contains("Storage:TrustedNetwork", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("k2!x", fault, StringComparison.Ordinal);
        Assert.Null(DatabaseLink.Fault(new() { Provider = provider, ConnectionString = link, TrustedNetwork = true }));
    }

    [Theory]
    [InlineData("sqlite", "")]
    [InlineData("postgres", "Host=db;Database=emr;SSL Mode=VerifyFull")]
    [InlineData("postgres", "Host=db;Database=emr;SSL Mode=VerifyCA;Root Certificate=/etc/emr/ca.pem")]
    [InlineData("postgres", "Host=/var/run/postgresql;Database=emr")]
    [InlineData("postgres", "Host=127.0.0.1:5433,localhost,::1;Database=emr")]
    [InlineData("sqlserver", "Server=db;Database=emr")]
    [InlineData("sqlserver", "Server=db;Database=emr;Encrypt=Strict")]
    [InlineData("sqlserver", "Server=(local)\\SQLEXPRESS;Database=emr;TrustServerCertificate=True")]
    [InlineData("sqlserver", "Server=tcp:127.0.0.1,1433;Database=emr;Encrypt=False")]
    public void One_that_is_checked_or_never_leaves_the_machine_passes(string provider, string link) =>
        Assert.Null(DatabaseLink.Fault(new() { Provider = provider, ConnectionString = link }));
}
