using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>A server where a request may ask for a cascade of ten resources at most.</summary>
public abstract class CascadeServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(new RecordRules { AllowCascade = true, MaxCascade = 10 });
}

public sealed class SqliteCascadeServer() : CascadeServer(null);

public sealed class PostgresCascadeServer(PostgresCluster cluster) : CascadeServer(cluster);
