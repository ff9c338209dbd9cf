using System.CommandLine;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>The commands of <c>fhir-emr</c>. Without one, the server is started.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("FhirEmr: a FHIR-native EMR server for medical practices.")
        {
            ServeCommand.Build(),
            new Command("import", "Load records or code releases.") { ImportFhirCommand.Build(), ImportCodesCommand.Build() },
            BillCommand.Build(),
            DoctorCommand.Build(),
            AuditCommand.Build(),
        };

        // "fhir-emr --urls ..." means serve: the server is what most people start.
        var isServe = arguments.Length == 0 || (arguments[0].StartsWith('-') && arguments[0] is not ("--help" or "-h" or "-?" or "--version"));
        try
        {
            return await root.Parse(isServe ? ["serve", .. arguments] : arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (CliException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Exception e) when (e is Storage.StorageRefusedException or Storage.StorageFailedException or Storage.StorageUnavailableException or HttpRequestException or IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}

/// <summary>A fault the user can mend, in one sentence with the fix.</summary>
internal sealed class CliException(string message) : Exception(message);
