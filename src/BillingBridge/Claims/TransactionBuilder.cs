using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Puts one transaction Bundle together.</summary>
public sealed class TransactionBuilder
{
    public Bundle Bundle { get; } = new() { Type = Bundle.BundleType.Transaction };

    /// <summary>A create that happens only once per key; the key is an identifier of the resource.</summary>
    /// <returns>The <c>urn:uuid</c> other entries refer to.</returns>
    public string CreateOnce(Resource resource, string key)
    {
        var uuid = $"urn:uuid:{ClaimKeys.Uuid(key)}";
        Bundle.Entry.Add(new Bundle.EntryComponent
        {
            FullUrl = uuid,
            Resource = resource,
            Request = new Bundle.RequestComponent
            {
                Method = Bundle.HTTPVerb.POST,
                Url = resource.TypeName,
                IfNoneExist = $"identifier={BillingUrls.IdempotencyKey}|{Uri.EscapeDataString(key)}",
            },
        });
        return uuid;
    }

    /// <summary>A resource under an id of our choice: writing it twice writes the same resource.</summary>
    public void Put(Resource resource) => Add(resource, null);

    /// <summary>An update of exactly the version that was read.</summary>
    public void Update(Resource resource) => Add(resource, $"W/\"{resource.Meta?.VersionId}\"");

    private void Add(Resource resource, string? ifMatch) => Bundle.Entry.Add(new Bundle.EntryComponent
    {
        FullUrl = $"urn:uuid:{ClaimKeys.Uuid($"{resource.TypeName}/{resource.Id}")}",
        Resource = resource,
        Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = $"{resource.TypeName}/{resource.Id}", IfMatch = ifMatch },
    });
}
