using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Transaction entries for resources with fixed ids.</summary>
/// <remarks>https://hl7.org/fhir/R4/http.html#transaction. A PUT with a client id makes loading twice the same as loading once.</remarks>
internal static class Entries
{
    /// <summary>An update-as-create entry; its fullUrl is a UUID made from type and id.</summary>
    public static Bundle.EntryComponent Put(Resource resource)
    {
        var key = $"{resource.TypeName}/{resource.Id}";
        return new Bundle.EntryComponent
        {
            FullUrl = "urn:uuid:" + StableHash.Uuid("full-url", key),
            Resource = resource,
            Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = key },
        };
    }

    /// <summary>One transaction of update-as-create entries.</summary>
    public static Bundle Transaction(IEnumerable<Resource> resources) =>
        new() { Type = Bundle.BundleType.Transaction, Entry = [.. resources.Select(Put)] };
}
