namespace FhirEmr.FhirServer.Imports;

/// <summary>Code systems and identifiers of imports.</summary>
internal static class ImportUrls
{
    /// <summary>System of <see cref="Import"/>, <see cref="Review"/> and of other worklists.</summary>
    public const string TaskCode = "urn:fhiremr:task";

    /// <summary>Task.code of an import: its state, its map and its figures.</summary>
    public const string Import = "import-table";

    /// <summary>Task.code of a row that a person decides on.</summary>
    public const string Review = "import-review";

    /// <summary>Identifier of such a Task: SHA-256 of the file, the type of what the row becomes, the line, with colons between.</summary>
    public const string Row = "urn:fhiremr:import-row";

    /// <summary>Names of what an import's Task says, Task.businessStatus, and codes of a saved map.</summary>
    public const string Part = "urn:fhiremr:import";

    /// <summary>Basic.code of a saved map, of <see cref="Part"/>.</summary>
    public const string Map = "map";

    /// <summary>Identifier of a saved map: its kind, a slash, its name.</summary>
    public const string MapName = "urn:fhiremr:import-map";

    /// <summary>Basic extension (string): the map as JSON.</summary>
    public const string MapContent = "urn:fhiremr:import-map-content";

    /// <summary>Basic extension (Reference): the organization whose map it is.</summary>
    public const string MapOwner = "urn:fhiremr:import-map-organization";

    /// <summary>Patients' numbers in the system before, when the import names no other system.</summary>
    public const string DefaultIdentifiers = "urn:fhiremr:imported-patient";

    /// <summary>Appointments' numbers in the system before are of the patients' system with this behind it.</summary>
    public const string AppointmentSuffix = ":appointment";

    /// <summary>DocumentReference.category of a source file.</summary>
    public const string Category = "urn:fhiremr:category";
}
