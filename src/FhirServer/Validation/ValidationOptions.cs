namespace FhirEmr.FhirServer.Validation;

/// <summary>How strict validation is. Bound from <c>Validation</c>.</summary>
public sealed class ValidationOptions
{
    /// <summary>Which validator: <c>profiles</c> is ours, and the only one that is built in.</summary>
    public string Engine { get; set; } = "profiles";

    /// <summary>Findings after which a validation ends.</summary>
    public int MaxIssues { get; set; } = 200;

    /// <summary>Extensions whose definition is not known.</summary>
    public Leniency UnknownExtensions { get; set; } = Leniency.Warn;

    /// <summary>Constraints that are advice only, such as dom-6 (a resource should have a narrative).</summary>
    public Leniency BestPractice { get; set; } = Leniency.Ignore;

    /// <summary>How far <c>$validate</c> follows references.</summary>
    public ReferenceResolution References { get; set; }

    /// <summary>Profiles that every resource of a type must meet, by type.</summary>
    public Dictionary<string, string[]> RequiredProfiles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What becomes of writes.</summary>
    public WriteValidation Write { get; set; } = new();
}

public enum Leniency
{
    Ignore,
    Warn,
    Error,
}

public enum ReferenceResolution
{
    /// <summary>Within the resource and its Bundle; of all others the address is judged.</summary>
    Bundle,

    /// <summary>Into the store, too: a target must be there for the caller, and meet the profiles asked for.</summary>
    Store,
}

/// <summary>Which writes are validated. A profile goes before a type, the longest profile URL that fits before shorter ones.</summary>
public sealed class WriteValidation
{
    public WriteMode Default { get; set; }

    public Dictionary<string, WriteMode> Types { get; set; } = new(StringComparer.Ordinal);

    /// <summary>By the beginning of a claimed profile's URL. A list, because a URL cannot be the name of a setting.</summary>
    public ProfileWriteMode[] Profiles { get; set; } = [];

    /// <summary>Whether any write is validated at all: all that the hot path asks.</summary>
    internal bool IsOff => Default == WriteMode.Off && Types.Values.All(m => m == WriteMode.Off) && Profiles.All(p => p.Mode == WriteMode.Off);
}

public sealed class ProfileWriteMode
{
    public string Profile { get; set; } = "";

    public WriteMode Mode { get; set; }
}

public enum WriteMode
{
    /// <summary>Only what the reader of requests refuses anyway: malformed input.</summary>
    Off,

    /// <summary>Stored; findings are told when <c>Prefer: return=OperationOutcome</c> asks for them.</summary>
    Warn,

    /// <summary>Errors are refused with 422.</summary>
    Strict,
}
