using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Builds the one transaction Bundle of a billing step.</summary>
internal sealed class FhirTransaction
{
    private readonly Bundle _bundle = new() { Type = Bundle.BundleType.Transaction };

    public int Count => _bundle.Entry.Count;

    public Bundle Bundle => _bundle;

    /// <summary>Creates a resource; returns the urn:uuid by which other entries may refer to it.</summary>
    /// <param name="resource">Without id.</param>
    /// <param name="ifNoneExist">Search that must find nothing, else the found resource stands in for this one.</param>
    public string Create(Resource resource, string? ifNoneExist = null)
    {
        var fullUrl = $"urn:uuid:{Guid.NewGuid():D}";
        _bundle.Entry.Add(new Bundle.EntryComponent
        {
            FullUrl = fullUrl,
            Resource = resource,
            Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName, IfNoneExist = ifNoneExist },
        });
        return fullUrl;
    }

    /// <summary>Updates a resource as read: fails with a conflict when somebody changed it since.</summary>
    public void Update(Resource resource)
    {
        var url = $"{resource.TypeName}/{resource.Id}";
        _bundle.Entry.Add(new Bundle.EntryComponent
        {
            Resource = resource,
            Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = url, IfMatch = $"W/\"{resource.Meta?.VersionId}\"" },
        });
    }
}
