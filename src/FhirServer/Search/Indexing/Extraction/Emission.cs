using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>What to do with a value that a path arrives at: index it, in one way, for one or several parameters.</summary>
internal sealed class Emission(SearchParamType kind)
{
    public SearchParamType Kind { get; } = kind;

    public SearchParam[] Params { get; private set; } = [];

    /// <summary>Positions of <see cref="Params"/> in the plan, for the shape.</summary>
    public int[] Ordinals { get; private set; } = [];

    /// <summary>Some parameter here makes a referenced Patient an owner; the nearer kind is <see cref="OwnsPrimarily"/>.</summary>
    public bool Owns { get; private set; }

    public bool OwnsPrimarily { get; private set; }

    /// <summary>System of each code where a required binding implies it (a <c>code</c> carries none itself).</summary>
    public Utf8Table<byte[]>? ImpliedSystems { get; set; }

    /// <summary>The value is one part of a composite: it goes into the composite's row, and is searched by itself elsewhere.</summary>
    public bool IsPart { get; init; }

    public void Add(SearchParam param, int ordinal)
    {
        if (Params.Contains(param))
            return;
        (Params, Ordinals) = ([.. Params, param], [.. Ordinals, ordinal]);
        Owns |= PatientCompartment.Admits(param);
        OwnsPrimarily |= PatientCompartment.IsPrimary(param);
    }
}
