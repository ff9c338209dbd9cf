using System.CommandLine;
namespace FhirEmr.FhirServer.Hosting.Cli;
internal static class BillCommand
{
    public static Command Build() => new("bill");
}
internal static class DemoRun
{
    public static Task SeedAsync(IServiceProvider s, string url, TextWriter o, CancellationToken ct) => Task.CompletedTask;
}
