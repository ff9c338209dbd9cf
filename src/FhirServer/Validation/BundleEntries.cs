using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>The entries of a Bundle by fullUrl, indexed once (bundle.html#references), and the rules that hold between them.</summary>
internal sealed class BundleEntries
{
    private static readonly int EntryName = FhirNames.Id("entry");
    private static readonly int FullUrlName = FhirNames.Id("fullUrl");
    private static readonly int ResourceName = FhirNames.Id("resource");

    private readonly Dictionary<string, FhirNode> byUrl = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FhirNode> byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string?> bases = [];
    private readonly List<(FhirNode Entry, string? FullUrl, FhirNode Resource)> entries = [];
    private readonly HashSet<int> reached = [];
    private readonly FhirNode bundle;

    public BundleEntries(FhirNode bundle)
    {
        this.bundle = bundle;
        foreach (var entry in bundle.Children)
        {
            if (entry.NameId != EntryName || !entry.HasValue)
                continue;
            var (url, resource) = (entry.TextOf(FullUrlName), entry.Child(ResourceName));
            entries.Add((entry, url, resource));
            if (!resource.Exists)
                continue;
            var key = $"{resource.Type.Name}/{resource.TextOf("id")}";
            bases[resource.Index] = url is not null && url.EndsWith("/" + key, StringComparison.Ordinal) ? url[..^key.Length] : null;
            if (url is not null)
                byUrl.TryAdd(url, resource);
            byKey.TryAdd(key, resource);
        }
    }

    /// <summary>The resource that a reference in <paramref name="from"/> leads to; null when it is not in the Bundle.</summary>
    public FhirNode? Find(string reference, FhirNode from)
    {
        var version = reference.IndexOf("/_history/", StringComparison.Ordinal);
        var address = version > 0 ? reference[..version] : reference;
        var isAbsolute = address.Contains(':', StringComparison.Ordinal);
        FhirNode found;
        if (isAbsolute ? !byUrl.TryGetValue(address, out found)
            : bases.TryGetValue(from.Index, out var root) && root is not null ? !byUrl.TryGetValue(root + address, out found)
            : !byKey.TryGetValue(address, out found))
            return null;
        reached.Add(found.Index);
        return found;
    }

    /// <summary>What no single element can tell; after the walk, which has followed the references.</summary>
    public void Check(Walk walk)
    {
        var type = bundle.TextOf("type");
        for (var i = 0; i < entries.Count; i++)
        {
            var (entry, url, resource) = entries[i];
            if (url is not null && resource.Exists)
                CheckFullUrl(walk, i, entry, url, resource);
            if (type == "document" && i > 0 && resource.Exists && !reached.Contains(resource.Index) && !RefersBack(resource))
                At(walk, i, entry, Severity.Information, Messages.BundleUnreachable, "Nothing in the document refers to this entry.");
            if (type is "transaction" or "batch" && entry.Child("request") is { Exists: true } request)
                CheckRequest(walk, i, request, resource);
        }
    }

    private static void CheckFullUrl(Walk walk, int index, FhirNode entry, string url, FhirNode resource)
    {
        if (!url.Contains(':', StringComparison.Ordinal))
            At(walk, index, entry, Severity.Error, Messages.BundleFullUrl, "A fullUrl is an absolute address.", "fullUrl");
        else if (url.StartsWith("http", StringComparison.Ordinal) && resource.TextOf("id") is { } id && LooksLikeServerAddress(url) && !url.EndsWith($"/{resource.Type.Name}/{id}", StringComparison.Ordinal))
            At(walk, index, entry, Severity.Error, Messages.BundleFullUrl, $"The fullUrl must end with {resource.Type.Name}/{id}, as the resource in it is.", "fullUrl");
    }

    private static bool LooksLikeServerAddress(string url)
    {
        var parts = url.Split('/');
        return parts.Length > 3 && ResourceTypes.Exists(parts[^2]);
    }

    private static void CheckRequest(Walk walk, int index, FhirNode request, FhirNode resource)
    {
        var (method, url) = (request.TextOf("method"), request.TextOf("url"));
        if (method is "POST" or "PUT" && !resource.Exists)
            At(walk, index, request, Severity.Error, Messages.BundleRequest, $"A {method} needs the resource.", "request.method");
        if (method is "POST" or "PUT" && resource.Exists && url is not null && !url.Contains('$', StringComparison.Ordinal)
            && url.Split('?', '/')[0] is var type && ResourceTypes.Exists(type) && type != resource.Type.Name)
            At(walk, index, request, Severity.Error, Messages.BundleRequest, $"The request is for a {type}, and the resource is a {resource.Type.Name}.", "request.url");
    }

    /// <summary>Provenance and the like belong to a document by what they refer to themselves.</summary>
    private bool RefersBack(FhirNode resource)
    {
        var tree = resource.Tree;
        for (var i = resource.Index; i < tree.Nodes[resource.Index].Next; i++)
            if (new FhirNode(tree, i) is { Kind: NodeKind.Object, Type.Name: "Reference" } node && node.TextOf("reference") is { } reference && Find(reference, resource) is not null)
                return true;
        return false;
    }

    private static void At(Walk walk, int index, FhirNode node, Severity severity, Message message, string text, string? child = null) =>
        walk.ReportAt(severity, message, text, null, null, $"Bundle.entry[{index}]{(child is null ? "" : "." + child)}", node);
}
