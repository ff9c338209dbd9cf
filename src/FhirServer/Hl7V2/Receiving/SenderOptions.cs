namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>Section <c>Hl7V2:Senders:[name]</c>: what is agreed with one sender.</summary>
internal sealed class SenderOptions
{
    /// <summary>Clients that may send over HTTP as this sender; a listener names its sender itself.</summary>
    public List<string> Clients { get; set; } = [];

    /// <summary>File with lines <c>kind,from,to,display</c>: codes, units, assigning authorities, systems.</summary>
    public string? Tables { get; set; }

    /// <summary>IANA name of the zone of times without an offset; the practice's own when empty.</summary>
    public string? TimeZone { get; set; }

    /// <summary>Character set where MSH-18 names none.</summary>
    public string Charset { get; set; } = "UTF-8";

    /// <summary>System of patient identifiers that say no assigning authority.</summary>
    public string? IdentifierSystem { get; set; }

    /// <summary>Results, documents, vaccinations and appointments may make a patient of whom nothing like it is here.</summary>
    public bool CreatesPatients { get; set; }

    /// <summary>MSH-11 T and D are taken like P.</summary>
    public bool TakesTests { get; set; }

    /// <summary>Control ids come round again; id and MSH-7 together tell a message.</summary>
    public bool ReusesControlIds { get; set; }
}
