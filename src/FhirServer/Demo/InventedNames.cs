namespace FhirEmr.FhirServer.Demo;

/// <summary>Names and streets for people who do not exist.</summary>
internal static class InventedNames
{
    public static IReadOnlyList<string> Families { get; } =
    [
        "Abernathy", "Barrowman", "Castellane", "Dunmore", "Eastlake", "Farthingale", "Greenhollow", "Harrowgate", "Ironwood",
        "Juniper", "Kestrel", "Larkspur", "Merriweather", "Northcott", "Oakhurst", "Pemberley", "Quillfeather", "Ravenscroft",
        "Silverton", "Thornbury", "Underhill", "Vantongeren", "Whitlock", "Yarborough", "Zellwood",
    ];

    public static IReadOnlyList<string> Women { get; } =
    [
        "Alma", "Beatriz", "Clara", "Delia", "Esther", "Fiona", "Grace", "Hana", "Imani", "Joan", "Kavya", "Lucia", "Maren", "Nadia", "Opal", "Priya",
    ];

    public static IReadOnlyList<string> Men { get; } =
    [
        "Andre", "Basil", "Cyrus", "Dmitri", "Elias", "Felix", "Gideon", "Hugo", "Isaac", "Jonas", "Kenji", "Leon", "Mateo", "Nils", "Omar", "Pavel",
    ];

    public static IReadOnlyList<string> Streets { get; } =
    [
        "Birch Lane", "Cooper Street", "Dogwood Drive", "Elm Street", "Foundry Road", "Garden Street", "Harbor Avenue", "Juniper Court",
        "Lantern Way", "Mill Road", "Orchard Street", "Prospect Street",
    ];

    /// <summary>Massachusetts cities with a ZIP that is theirs.</summary>
    public static IReadOnlyList<(string City, string Zip)> Cities { get; } =
    [
        ("Boston", "02108"), ("Worcester", "01608"), ("Springfield", "01103"), ("Lowell", "01852"), ("Cambridge", "02139"),
        ("Quincy", "02169"), ("Framingham", "01702"), ("Northampton", "01060"),
    ];
}
