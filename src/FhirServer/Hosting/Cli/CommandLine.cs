using System.CommandLine;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>The commands of <c>fhir-emr</c>. Without one, the server is started.</summary>
internal static class CommandLine
{
    /// <summary>From SIGTERM to the end at the latest (reliability R-44): requests get 20 s of it, the log is folded in afterwards.</summary>
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(30);

    /// <summary>It went to its end, and some of it was refused.</summary>
    public const int SomeRefused = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("FhirEmr: a FHIR-native EMR server for medical practices.")
        {
            ServeCommand.Build(),
            new Command("import", "Load records or code releases.") { ImportFhirCommand.Build(), ImportCcdaCommand.Build(), ImportCsvCommand.Build(), ImportHl7V2Command.Build(), TerminologyCommand.Import("codes") },
            ExportCommand.Build(),
            TerminologyCommand.Build(),
            DefinitionsCommand.Build(),
            BillCommand.Build(),
            DoctorCommand.Build(),
            ConfigCommand.Build(),
            ClientCommand.Build(),
            KeysCommand.Build(),
            new Command("seed", "Fill a demo database for tests.") { SeedTestClientsCommand.Build(), SeedDemoCommand.Build() },
            InitCommand.Build(),
            UserCommand.Build(),
            RoleCommand.Build(),
            AuditCommand.Build(),
        };

        // "fhir-emr --urls ..." means serve: the server is what most people start.
        var isServe = arguments.Length == 0 || (arguments[0].StartsWith('-') && arguments[0] is not ("--help" or "-h" or "-?" or "--version"));
        try
        {
            return await root.Parse(isServe ? ["serve", .. arguments] : arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Stop });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before it was done.");
            return 1;
        }
        catch (CliException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Security.Accounts.Users.UserFault e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Exception e) when (e is Security.Encryption.EncryptionException or Security.Smart.Clients.ClientException or Security.Smart.Keys.KeyException or Storage.StorageRefusedException or Storage.StorageFailedException or Storage.StorageUnavailableException or HttpRequestException or IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}

/// <summary>A fault the user can mend, in one sentence with the fix.</summary>
internal sealed class CliException(string message) : Exception(message);
