using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Parameters that the SDK's R4 list leaves out: those of every resource, those of US Core, and our own.</summary>
internal static class OwnParameters
{
    public const string Latitude = "_latitude", Longitude = "_longitude";

    private const string R4 = "http://hl7.org/fhir/SearchParameter/";

    /// <summary>Words of the narrative; words anywhere.</summary>
    public const string Text = "_text", Content = "_content";

    public static IEnumerable<SearchParam> Of(string type, Func<string, string, int> numberOf)
    {
        yield return new(0, type, "_id", SearchParamType.Token, "Resource.id", [], R4 + "Resource-id");
        yield return new(0, type, "_lastUpdated", SearchParamType.Date, "Resource.meta.lastUpdated", [], R4 + "Resource-lastUpdated");
        yield return Numbered("_tag", SearchParamType.Token, "Resource.meta.tag", R4 + "Resource-tag");
        yield return Numbered("_profile", SearchParamType.Uri, "Resource.meta.profile", R4 + "Resource-profile");
        yield return Numbered("_security", SearchParamType.Token, "Resource.meta.security", R4 + "Resource-security");
        yield return Numbered("_source", SearchParamType.Uri, "Resource.meta.source", R4 + "Resource-source");
        yield return new(0, type, Content, SearchParamType.String, "Resource", [], R4 + "Resource-content");
        if (ModelInfo.GetTypeForFhirType(type)?.IsAssignableTo(typeof(DomainResource)) == true)
            yield return Numbered(Text, SearchParamType.String, "DomainResource.text.div", R4 + "DomainResource-text");
        if (type == "Claim") // the stage a claim has reached in billing
            yield return Numbered("claim-stage", SearchParamType.Token, "Claim.extension('urn:fhiremr:claim-stage').value", "urn:fhiremr:SearchParameter:claim-stage");
        foreach (var parameter in UsCoreParameters.Of(type, numberOf))
            yield return parameter;

        SearchParam Numbered(string code, SearchParamType kind, string expression, string url) =>
            new(numberOf(type, code), type, code, kind, expression, [], url);
    }

    /// <summary>Parameters nobody names: the two coordinates behind <c>Location.near</c>.</summary>
    public static IEnumerable<SearchParam> Hidden(string type, Func<string, string, int> numberOf)
    {
        if (type != "Location")
            yield break;
        yield return new(numberOf(type, Latitude), type, Latitude, SearchParamType.Number, "Location.position.latitude", [], "");
        yield return new(numberOf(type, Longitude), type, Longitude, SearchParamType.Number, "Location.position.longitude", [], "");
    }
}
