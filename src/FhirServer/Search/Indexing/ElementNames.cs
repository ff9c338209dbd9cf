using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Interned names of the datatype elements that indexing reads.</summary>
internal static class ElementNames
{
    public static readonly int Bounds = FhirNames.Id("bounds");
    public static readonly int City = FhirNames.Id("city");
    public static readonly int Code = FhirNames.Id("code");
    public static readonly int Coding = FhirNames.Id("coding");
    public static readonly int Comparator = FhirNames.Id("comparator");
    public static readonly int Contained = FhirNames.Id("contained");
    public static readonly int Country = FhirNames.Id("country");
    public static readonly int Currency = FhirNames.Id("currency");
    public static readonly int Data = FhirNames.Id("data");
    public static readonly int Display = FhirNames.Id("display");
    public static readonly int District = FhirNames.Id("district");
    public static readonly int End = FhirNames.Id("end");
    public static readonly int Event = FhirNames.Id("event");
    public static readonly int Factor = FhirNames.Id("factor");
    public static readonly int Family = FhirNames.Id("family");
    public static readonly int Given = FhirNames.Id("given");
    public static readonly int High = FhirNames.Id("high");
    public static readonly int Id = FhirNames.Id("id");
    public static readonly int Identifier = FhirNames.Id("identifier");
    public static readonly int Latitude = FhirNames.Id("latitude");
    public static readonly int Line = FhirNames.Id("line");
    public static readonly int Longitude = FhirNames.Id("longitude");
    public static readonly int Low = FhirNames.Id("low");
    public static readonly int Origin = FhirNames.Id("origin");
    public static readonly int Position = FhirNames.Id("position");
    public static readonly int PostalCode = FhirNames.Id("postalCode");
    public static readonly int Prefix = FhirNames.Id("prefix");
    public static readonly int Reference = FhirNames.Id("reference");
    public static readonly int Repeat = FhirNames.Id("repeat");
    public static readonly int Start = FhirNames.Id("start");
    public static readonly int State = FhirNames.Id("state");
    public static readonly int Suffix = FhirNames.Id("suffix");
    public static readonly int System = FhirNames.Id("system");
    public static readonly int Text = FhirNames.Id("text");
    public static readonly int Type = FhirNames.Id("type");
    public static readonly int Unit = FhirNames.Id("unit");
    public static readonly int Value = FhirNames.Id("value");
}
