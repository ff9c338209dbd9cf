using System.Collections.Concurrent;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>The same with references that must lead somewhere, as the server insists by itself, and plans for jobs by the name of who asked.</summary>
public abstract class StrictAccessServer(PostgresCluster? cluster) : AccessServer(cluster)
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>();

    internal ConcurrentDictionary<string, AccessPlan> Plans { get; } = new();

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IAccessPlanner>(new Planner(Plans));

    private sealed class Planner(ConcurrentDictionary<string, AccessPlan> plans) : IAccessPlanner
    {
        public ValueTask<AccessPlan> PlanAsync(Principal principal, CancellationToken ct) => new(plans.GetValueOrDefault(principal.UserId!, AccessPlan.Nothing));
    }
}

public sealed class StrictAccessSqlite() : StrictAccessServer(null);

public sealed class StrictAccessPostgres(PostgresCluster cluster) : StrictAccessServer(cluster);
