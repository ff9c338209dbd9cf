using System.Text;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>What is agreed with one sender: how its words are to be understood.</summary>
/// <param name="Name">Part of the ids of all that its messages make: it must never change.</param>
internal sealed record SenderProfile(string Name, SenderTables Tables, TimeZoneInfo Zone)
{
    /// <summary>Whether senders and destinations may be called so: the name is part of systems, which are URIs, and of searches.</summary>
    public static bool IsName(string name) => name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Of messages whose MSH-18 names none.</summary>
    public Encoding Charset { get; init; } = Charsets.Utf8;

    /// <summary>System of identifiers whose assigning authority the tables do not name and that say no OID; null keeps them apart by the authority's name.</summary>
    public string? IdentifierSystem { get; init; }

    /// <summary>Whether a patient of whom nothing is found here may be made of messages that are not about admissions (ORU, VXU, MDM, SIU).</summary>
    public bool CreatesPatients { get; init; }

    public bool TakesTests { get; init; }

    /// <summary>Its control ids come round again: a message is told by id and time together.</summary>
    public bool ReusesControlIds { get; init; }

    /// <summary>The system of a patient's identifier by its assigning authority (CX-4) and type (CX-5).</summary>
    public string SystemOf(Repetition cx)
    {
        if (cx[5] is "SS" || cx[4] is "USSSA" or "SSA")
            return "http://hl7.org/fhir/sid/us-ssn";
        if (cx[4, 1] is { } name && Tables.Authorities.TryGetValue(name, out var known))
            return known;
        if (cx[4, 2] is { } id && cx[4, 3] is "ISO")
            return "urn:oid:" + id;
        if (cx[4, 2] is { } address && cx[4, 3] is "URI")
            return address;
        return cx[4, 1] is { } authority ? Hl7V2Urls.CodeSystem(Name, "authority:" + Uri.EscapeDataString(authority)) : IdentifierSystem ?? Hl7V2Urls.CodeSystem(Name, "patient");
    }
}
