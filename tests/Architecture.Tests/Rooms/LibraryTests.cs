using System.Reflection;
using NetArchTest.Rules;

namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>Which outside libraries a project or room may know.</summary>
public sealed class LibraryTests
{
    private static readonly string[] WebAndDatabase =
        ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Microsoft.Data", "Npgsql", "SQLitePCL", "System.Data.Common"];

    [Fact]
    public void Terminology_uses_none_of_our_projects() => Assert.Empty(OursIn(Assemblies.Terminology));

    [Fact]
    public void BillingBridge_uses_Terminology_only_of_our_projects() => Assert.Equal(["Terminology"], OursIn(Assemblies.BillingBridge));

    [Fact]
    public void Terminology_knows_neither_the_web_nor_a_database() => None(UsersIn(Assemblies.Terminology, WebAndDatabase));

    [Fact]
    public void BillingBridge_knows_neither_the_web_nor_a_database() => None(UsersIn(Assemblies.BillingBridge, WebAndDatabase));

    [Fact]
    public void Only_Storage_and_sign_in_know_the_databases() => None(UsersIn(Assemblies.FhirServer, "Microsoft.EntityFrameworkCore", "Microsoft.Data", "Npgsql", "SQLitePCL")
        .Where(user => !IsIn(user, "FhirServer.Storage") && !IsIn(user, "FhirServer.Security.Accounts")
            && !IsIn(user, "FhirServer.Security.Smart") && !IsIn(user, "FhirServer.Hosting")
            && user != "FhirEmr.FhirServer.Billing.Kpis.KpiStore")); // a file of its own beside the records, made again from them when it is lost

    [Fact]
    public void Resources_search_and_storage_know_nothing_of_the_web() => None(UsersIn(Assemblies.FhirServer, "Microsoft.AspNetCore")
        .Where(user => IsIn(user, "FhirServer.Resources") || IsIn(user, "FhirServer.Search") || IsIn(user, "FhirServer.Storage") || IsIn(user, "FhirServer.Security.Access")));

    private static IEnumerable<string> OursIn(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(a => a.Name!).Intersect(Assemblies.Ours.Select(a => a.GetName().Name!)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> UsersIn(Assembly assembly, params string[] libraries) =>
        (Types.InAssembly(assembly).ShouldNot().HaveDependencyOnAny(libraries).GetResult().FailingTypes ?? [])
            .Where(type => type.FullName!.StartsWith("FhirEmr.", StringComparison.Ordinal)).Select(type => type.FullName!).Order(StringComparer.Ordinal);

    private static bool IsIn(string type, string room) => type.StartsWith($"FhirEmr.{room}.", StringComparison.Ordinal);

    private static void None(IEnumerable<string> users) => Assert.True(!users.Any(), string.Join(Environment.NewLine, users));
}
