using System.CommandLine;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr config show</c>: the settings that count here, where each comes from, and no secret (security S-63).</summary>
internal static class ConfigCommand
{
    public static Command Build()
    {
        var show = new Command("show", "Every setting of the server that is set, with its source. Passwords, secrets and tokens are masked.");
        show.TreatUnmatchedTokensAsErrors = false;
        show.SetAction(parse =>
        {
            var configuration = LocalStore.Configuration([.. parse.UnmatchedTokens]);
            foreach (var line in Lines(configuration))
                Console.WriteLine(line);
            if (SecretSettings.SampleFault(configuration) is not { } fault)
                return 0;
            Console.Error.WriteLine(fault);
            return 2;
        });
        return new Command("config", "The settings of this installation.") { show };
    }

    internal static IEnumerable<string> Lines(IConfigurationRoot configuration) =>
        from pair in configuration.AsEnumerable()
        where pair.Value is not null && SecretSettings.IsOurs(pair.Key)
        orderby pair.Key
        select $"{pair.Key} = {SecretSettings.Shown(pair.Key, pair.Value!)}   ({Source(configuration, pair.Key)})";

    private static string Source(IConfigurationRoot configuration, string key)
    {
        // The last one that has it wins.
        var provider = configuration.Providers.Last(p => p.TryGet(key, out _));
        return provider switch
        {
            Microsoft.Extensions.Configuration.Json.JsonConfigurationProvider => "appsettings.json",
            Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationProvider => "environment",
            Microsoft.Extensions.Configuration.CommandLine.CommandLineConfigurationProvider => "command line",
            _ => "built in",
        };
    }
}
