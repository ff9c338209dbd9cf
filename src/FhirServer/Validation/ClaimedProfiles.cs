using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary><c>meta.profile</c>: what a resource says it conforms to.</summary>
internal static class ClaimedProfiles
{
    private static readonly int Meta = FhirNames.Id("meta");
    private static readonly int Profile = FhirNames.Id("profile");

    public static IReadOnlyList<string> Of(FhirNode resource)
    {
        if (resource.Child(Meta) is not { Exists: true } meta)
            return [];
        var claimed = new List<string>();
        foreach (var child in meta.Children)
            if (child.NameId == Profile && child.HasValue)
                claimed.Add(child.Text);
        return claimed;
    }
}
