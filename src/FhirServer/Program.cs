using System.Globalization;
using FhirEmr.FhirServer.Hosting.Cli;

// What the server reads and writes is never in anyone's local manner.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
return await CommandLine.RunAsync(args);
