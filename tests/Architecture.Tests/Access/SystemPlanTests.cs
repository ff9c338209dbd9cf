using System.Text.RegularExpressions;

namespace FhirEmr.Architecture.Tests.Access;

/// <summary>Who works without a caller's rights, and why: a list that grows by decision only (security.md S-30).</summary>
[Trait("Requirement", "S-30")]
public sealed partial class SystemPlanTests
{
    private const string Access = "src/FhirServer/Security/Access/";

    /// <summary>Each file that uses a system plan, and which.</summary>
    private static readonly string[] Uses =
    [
        "Billing/EncounterWatch.cs Billing",
        "Billing/Kpis/KpiKeeper.cs Billing",
        "Billing/PracticeSummary.cs Billing",
        "Hl7V2/Sending/OrderOperation.cs Outbox",
        "Hosting/DemoGuard.cs Settings",
        "Hosting/Edge/AbandonedContent.cs Contents",
        "Hosting/PracticeZone.cs Settings",
        "Interactions/Instance/Patch.cs Writing",
        "Interactions/Jobs/JobCallers.cs Work",
        "Interactions/Past/PastDefinitions.cs Definitions",
        "Interactions/Writing/ConformanceResources.cs Definitions",
        "Interactions/Writing/DeleteImpact.cs Writing",
        "Interactions/Writing/DeleteRules.cs Writing",
        "Interactions/Writing/PendingResources.cs References",
        "Interactions/Writing/ReferenceTargets.cs References",
        "Interactions/Writing/ResourceWriter.cs Writing",
        "Interactions/Writing/StoredEdit.cs Writing",
        "Operations/Auditing/WhoAccessed.cs Audit",
        "Operations/Integrity/Extraction.cs Integrity",
        "Operations/Integrity/IndexedAddress.cs Settings",
        "Operations/Integrity/Purge.cs Integrity",
        "Operations/Integrity/Purging.cs Integrity",
        "Operations/Integrity/StoreVerifier.cs Integrity",
        "Operations/Integrity/Verification.cs Integrity",
        "Operations/Reindexing/ReindexStep.cs Indexing",
        "Security/Access/Caller.cs Work",
        "Security/Audit/AuditLog.cs Audit",
        "Security/Audit/AuditNode.cs Audit",
        "Security/Audit/AuditSwitch.cs Audit",
        "Storage/Query/ReferenceLookup.cs References",
        "Storage/Query/StoredDefinitions.cs Definitions",
        "Subscriptions/ChangeSet.cs Subscriptions",
        "Subscriptions/Delivery.cs Subscriptions",
        "Subscriptions/DeliveryWorker.cs Subscriptions",
        "Subscriptions/EventFeed.cs Subscriptions",
        "Subscriptions/SubscriptionBook.cs Subscriptions",
        "Subscriptions/SubscriptionDoor.cs Subscriptions",
        "Subscriptions/SubscriptionOperations.cs Subscriptions",
        "Subscriptions/SubscriptionSockets.cs Subscriptions",
    ];

    [Fact]
    public void Only_the_list_of_system_plans_makes_one() => Assert.Equal(
        [Access + "AccessPlan.cs", Access + "SystemPlans.cs"], Sources().Where(f => Makes().IsMatch(Repository.Read(f))));

    [Fact]
    public void Every_system_plan_says_why() => Assert.All(
        Listed().Matches(Repository.Read(Access + "SystemPlans.cs")), plan => Assert.True(plan.Groups["why"].Value.Length > 20, plan.Value));

    [Fact]
    public void Every_system_plan_is_on_the_list_with_all_who_use_it()
    {
        var uses = Sources().SelectMany(f => Used().Matches(Repository.Read(f)).Select(m => $"{f["src/FhirServer/".Length..]} {m.Groups["plan"].Value}")).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Uses, uses);
        Assert.Equal(Listed().Matches(Repository.Read(Access + "SystemPlans.cs")).Select(m => m.Groups["plan"].Value).Order(), Uses.Select(u => u.Split(' ')[1]).Distinct().Order());
    }

    /// <summary>A store call without a plan would be a way around all of them.</summary>
    [Fact]
    public void Every_read_of_the_store_takes_a_plan()
    {
        string[] free = ["StartAsync", "DisposeAsync", "ReserveSids", "CommitAsync", "IsReadyAsync", "SizeInBytesAsync", "AnswerAsync", "JobAsync", "JobRequestAsync", "DueJobsAsync", "OverJobsAsync", "UnfinishedJobsAsync", "AnyJobAsync", "NewestJobsAsync"];
        var store = Rooms.Assemblies.FhirServer.GetType("FhirEmr.FhirServer.Storage.IResourceStore")!;
        Assert.Empty(store.GetMethods().Where(m => !m.IsSpecialName && !free.Contains(m.Name) && !m.GetParameters().Any(p => p.ParameterType.Name == "AccessPlan" && !p.IsOptional)).Select(m => m.Name));
    }

    private static IEnumerable<string> Sources() => Directory.EnumerateFiles(Repository.PathOf("src/FhirServer"), "*.cs", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/')).Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\bOfSystem\(|\{ Reason = reason")]
    private static partial Regex Makes();

    [GeneratedRegex(@"\bSystemPlans\.(?<plan>[A-Z]\w+)")]
    private static partial Regex Used();

    [GeneratedRegex("AccessPlan (?<plan>\\w+) \\{ get; \\} = AccessPlan\\.OfSystem\\(\"[^\"]+\", \"(?<why>[^\"]+)\"\\)")]
    private static partial Regex Listed();
}
