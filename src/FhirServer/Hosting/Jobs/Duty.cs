namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>Work that comes again and again and that one node does for all: what it has to do derives from the tables each time (reliability R-31).</summary>
/// <param name="Id">Its name, also as a recurring job of Hangfire.</param>
/// <param name="Cron">When, in the zone of the practice.</param>
/// <param name="Every">How often that is; a duty that is half as late again is begun out of turn.</param>
/// <param name="Description">What it does, for people.</param>
internal sealed record Duty(string Id, string Cron, TimeSpan Every, string Description, Func<CancellationToken, Task> RunAsync);
