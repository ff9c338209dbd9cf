using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Hosting.Import;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>A server that holds the Synthea records, loaded by the importer over HTTP.</summary>
public abstract class SyntheaServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    internal IReadOnlyList<SyntheaRecord> Records { get; private set; } = [];

    internal ImportSummary? FirstLoad { get; private set; }

    internal async Task<ImportSummary> LoadAsync() =>
        await new ImportRun(new HttpTarget(Http, new Uri(BaseUrl)), new JobReport(TextWriter.Null, isTerminal: false, "resources"), asDemoPractice: false)
            .RunAsync(SharedData.Synthea, TestContext.Current.CancellationToken);

    protected override async Task SeedAsync()
    {
        if (SharedData.Synthea.Count == 0)
        {
            WhyNot = SharedData.WhyNot;
            return;
        }

        Records = SyntheaRecord.ReadAll(SharedData.Synthea);
        FirstLoad = await LoadAsync();
    }
}

public sealed class SqliteSynthea() : SyntheaServer(null);

public sealed class PostgresSynthea(PostgresCluster cluster) : SyntheaServer(cluster);
