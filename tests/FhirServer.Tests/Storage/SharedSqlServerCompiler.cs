namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>A compiler that a class of tests shares and that judges all of their statements when the last is over.</summary>
public sealed class SharedSqlServerCompiler : IDisposable
{
    public SqlServerCompiler Compiler { get; } = new();

    public void Dispose()
    {
        var faults = Compiler.Check();
        Compiler.Dispose();
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }
}
