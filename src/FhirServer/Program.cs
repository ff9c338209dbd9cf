using FhirEmr.FhirServer.Hosting.Cli;

return await CommandLine.RunAsync(args);
