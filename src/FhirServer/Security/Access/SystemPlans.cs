namespace FhirEmr.FhirServer.Security.Access;

/// <summary>All work that is bound by nobody's rights, each with the reason why (security.md S-30). There is no other way to see everything.</summary>
/// <remarks>A new line here is a decision; an architecture test lists who uses which.</remarks>
internal static class SystemPlans
{
    /// <summary>The server's own requests through the front door: import, billing, jobs.</summary>
    public static AccessPlan Work { get; } = AccessPlan.OfSystem("work", "What the server does by itself is asked for by nobody whose rights could bound it.");

    public static AccessPlan Indexing { get; } = AccessPlan.OfSystem("indexing", "Index rows are made of every resource, whoever may see it; nobody is shown them.");

    public static AccessPlan Integrity { get; } = AccessPlan.OfSystem("integrity", "Verification compares all that is stored, and a purge leaves nothing behind; who may ask for it is decided before.");

    public static AccessPlan References { get; } = AccessPlan.OfSystem("references", "A reference becomes the number the index holds for it; what may be seen is decided where the number is used.");

    public static AccessPlan Definitions { get; } = AccessPlan.OfSystem("definitions", "Value sets and code systems say what codes mean, to everyone alike.");

    public static AccessPlan Writing { get; } = AccessPlan.OfSystem("writing", "A write is checked against what really stands there; what the caller learns of it is decided before anything is said.");

    public static AccessPlan Contents { get; } = AccessPlan.OfSystem("contents", "Uploads that nothing came to refer to are removed by time alone.");

    public static AccessPlan Billing { get; } = AccessPlan.OfSystem("billing", "Finished encounters are billed, and counted, whoever looked after the patient.");

    public static AccessPlan Audit { get; } = AccessPlan.OfSystem("audit", "What happened is kept and checked whoever it was about; who may read it is decided before.");

    public static AccessPlan Subscriptions { get; } = AccessPlan.OfSystem("subscriptions", "Changes are followed for all subscriptions at once; which of them makes an event, and what its owner is shown, the owner's own rights decide.");

    public static AccessPlan Outbox { get; } = AccessPlan.OfSystem("outbox", "An order waits where only the server writes; that its sender may read it and its patient, and may send orders, is decided before.");

    public static AccessPlan Settings { get; } = AccessPlan.OfSystem("settings", "The practice's own settings are read before anyone can ask anything.");
}
