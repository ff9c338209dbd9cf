using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Builds the one transaction Bundle of a billing step.</summary>
internal sealed class FhirTransaction
{
    private readonly HashSet<string> _urls = new(StringComparer.Ordinal);

    public Bundle Bundle { get; } = new() { Type = Bundle.BundleType.Transaction };

    public int Count => Bundle.Entry.Count;

    /// <summary>Creates a resource, whatever is there already.</summary>
    /// <returns>The <c>urn:uuid</c> by which other entries refer to it.</returns>
    public string Create(Resource resource) => Add($"urn:uuid:{Guid.NewGuid():D}", resource, null);

    /// <summary>Creates a resource that has <paramref name="key"/> among its identifiers, unless one with this key is in the store or in this transaction.</summary>
    /// <returns>The <c>urn:uuid</c> by which other entries refer to it, or to the one that was there.</returns>
    public string CreateOnce(Resource resource, string key) => CreateOnce(resource, BillingKey.System, key);

    /// <summary>The same by an identifier of another system, which resources of several types may share.</summary>
    public string CreateOnce(Resource resource, string system, string value)
    {
        var url = system == BillingKey.System ? BillingKey.Urn(value) : BillingKey.Urn($"{resource.TypeName}?{system}|{value}");
        return _urls.Contains(url) ? url : Add(url, resource, BillingKey.Query(system, value));
    }

    /// <summary>Writes a resource under an id of our choice: writing it twice writes the same resource.</summary>
    public void Put(Resource resource) => Put(resource, null);

    /// <summary>Updates a resource as read: fails with a conflict when somebody changed it since.</summary>
    public void Update(Resource resource) => Put(resource, $"W/\"{resource.Meta?.VersionId}\"");

    private string Add(string url, Resource resource, string? ifNoneExist)
    {
        _urls.Add(url);
        Bundle.Entry.Add(new Bundle.EntryComponent
        {
            FullUrl = url,
            Resource = resource,
            Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName, IfNoneExist = ifNoneExist },
        });
        return url;
    }

    private void Put(Resource resource, string? ifMatch)
    {
        var url = $"{resource.TypeName}/{resource.Id}";
        _urls.Add(BillingKey.Urn(url));
        Bundle.Entry.Add(new Bundle.EntryComponent
        {
            FullUrl = BillingKey.Urn(url),
            Resource = resource,
            Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = url, IfMatch = ifMatch },
        });
    }
}
