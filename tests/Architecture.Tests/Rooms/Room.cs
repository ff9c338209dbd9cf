namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>A folder of the house and its arrows: which other rooms it may use.</summary>
/// <param name="Name">The namespace without <c>FhirEmr.</c>; all below it belongs to the room, save what a deeper room claims.</param>
/// <param name="MayUse">Rooms, by name; a room named here does not bring its deeper rooms along.</param>
internal sealed record Room(string Name, params string[] MayUse)
{
    /// <summary>Types of this room that may use more than the others: name of the type → rooms or types it may use beside.</summary>
    public IReadOnlyDictionary<string, string[]> Except { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Single types that the whole room may use although their room is closed to it.</summary>
    public IReadOnlyList<string> MayUseTypes { get; init; } = [];

    /// <summary>The composition root: everything is open to it.</summary>
    public bool MayUseEverything { get; init; }

    public override string ToString() => Name;
}
