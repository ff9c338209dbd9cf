using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Storage.Schema;

/// <summary>What the server keeps of each Subscription beside the resource, and the events it has to tell.</summary>
internal static class SubscriptionTables
{
    public static void Describe(ModelBuilder model, SchemaEngine engine)
    {
        StoreModel.Table(model, engine, "Subscription", ["Sid"], t => t
            .Long("Sid").Long("After").Long("Delivered").Long("Due").Long("Failing").Long("LeaseUntil").Int("Version").Int("Failures")
            .Code("Id", 64).Code("State", 20).Code("LeaseOwner", 100).LongText("Owner").LongText("Fault"));

        // Numbered without a gap for each subscription; what happened is a version of a resource, and its content is read from there.
        StoreModel.Table(model, engine, "SubscriptionEvent", ["Subscription", "Number"], t => t
            .Long("Subscription").Long("Number").Long("Sid").Long("At").Int("Version"),
            e => e.HasIndex("At"));
    }
}
