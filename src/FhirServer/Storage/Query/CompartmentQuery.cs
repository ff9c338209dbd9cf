using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Everything about one patient or encounter, or (no anchor) about all patients, and what it refers to: one page of it.</summary>
internal sealed record CompartmentQuery(ResourceKey? Anchor)
{
    /// <summary>Numbers of the reference parameters that put a resource into the compartment, restricted to the types asked for.</summary>
    public required IReadOnlyList<int> Members { get; init; }

    /// <summary>The same for every type: what the compartment refers to does not depend on which of its types are shown.</summary>
    public required IReadOnlyList<int> AllMembers { get; init; }

    /// <summary>The types those parameters are of.</summary>
    public IReadOnlyList<string> AllTypes { get; init; } = [];

    /// <summary>Numbers of all reference parameters of the types that may belong to a patient; needed without an anchor only.</summary>
    public IReadOnlyList<int> References { get; init; } = [];

    /// <summary>Only resources of these types; empty means all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    public CareDates? Dates { get; init; }

    /// <summary>Only what was current at this instant already, in milliseconds since 1970 UTC; what changed since is found otherwise.</summary>
    public long? AsOf { get; init; }

    /// <summary>Only versions written at or after this instant, in milliseconds since 1970 UTC.</summary>
    public long? Since { get; init; }

    /// <summary>Entries a page, at most; from 1.</summary>
    public required int Count { get; init; }

    /// <summary>Bytes of bodies after which a page ends early.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Set by the store when the caller's rights bound it.</summary>
    public AccessPlan? Access { get; init; }

    public CompartmentPosition After { get; init; } = CompartmentPosition.Start;

    public bool Shows(string type) => Types.Count == 0 || Types.Contains(type);

    public bool ShowsEverything => Types.Count == 0 && Dates is null && Since is null;
}

/// <summary>A range of days in which care took place; a resource without any such date is in every range.</summary>
/// <param name="From">First day, counted from 1970; null is open.</param>
/// <param name="Before">First day behind it; null is open.</param>
/// <param name="When">Parameters whose value says when it took place: it must overlap the range.</param>
/// <param name="Begins">Parameters that say since when something lasts: it must not begin behind the range.</param>
/// <param name="Ends">Parameters that say how long something lasted: it must not end before the range.</param>
internal sealed record CareDates(int? From, int? Before, IReadOnlyList<int> When, IReadOnlyList<int> Begins, IReadOnlyList<int> Ends);

/// <summary>Where a page ended: the compartment itself comes first, then what it refers to, each by ascending surrogate key.</summary>
internal readonly record struct CompartmentPosition(bool IsInReferred, long Sid)
{
    public static CompartmentPosition Start => default;

    /// <summary>The page held the anchor and nothing else.</summary>
    public static CompartmentPosition AfterAnchor => new(false, -1);
}

/// <param name="Anchor">The patient or encounter, a deletion marker too; null when there is none.</param>
/// <param name="Members">Resources of the compartment, the anchor first.</param>
/// <param name="Referred">What the compartment refers to, each once over all pages.</param>
internal sealed record CompartmentPage(
    StoredResource? Anchor, IReadOnlyList<StoredResource> Members, IReadOnlyList<StoredResource> Referred, CompartmentPosition? Next);
