using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using GraphQLParser.AST;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Answers a checked query in rounds: what is in memory is read, what it refers to is collected and fetched together, and so on down.</summary>
/// <remarks>One look-up a level, however many references the level has; a resource met twice is fetched and parsed once.</remarks>
internal sealed class Execution(IResourceStore store, Searches searches, Introspection introspection, Selection selection, FhirRequest request)
{
    private const int MaxResources = 10_000;
    private const int MaxSearches = 200;

    private readonly ElementPaths paths = new();
    private readonly Dictionary<ResourceKey, FhirNode?> known = [];
    private List<PendingRead> reads = [];
    private List<PendingSearch> pending = [];
    private int resources;
    private int searchCount;

    public async Task<OutValue.Object> RunAsync(GraphQLOperationDefinition operation, CancellationToken ct)
    {
        var data = new OutValue.Object();
        if (request.Target is { Id: not null, Key: var key })
        {
            var resource = await store.ReadAsync(key, request.Caller.Access, ct);
            if (resource is not { IsDeleted: false })
                throw new GraphQlException(resource is null ? $"{key} is not known here." : $"{key} was deleted.", null, resource is null ? "not-found" : "deleted", resource is null ? 404 : 410);
            var root = Parsed(key, resource.Json);
            known[key] = root;
            Node(root, [operation.SelectionSet], data, null);
        }
        else
        {
            foreach (var field in selection.Fields([operation.SelectionSet], c => c is null || c.Type.Name.StringValue == "Query"))
                Root(field, data);
        }

        while (reads.Count > 0 || pending.Count > 0)
        {
            var (nextReads, nextSearches) = (reads, pending);
            (reads, pending) = ([], []);
            await ReadAsync(nextReads, ct);
            foreach (var search in nextSearches)
                await SearchAsync(search, ct);
        }

        return data;
    }

    private void Root(SelectedField field, OutValue.Object data)
    {
        var path = new ResultPath(null, field.Key);
        switch (FieldNames.Find(new Scope.Query(), field.Name))
        {
            case FieldMeaning.TypeName:
                data.Fields.Add(Single(field, "string", new OutValue.Text("Query")));
                break;
            case FieldMeaning.Introspect:
                data.Fields.Add(introspection.Root(field, selection));
                break;
            case FieldMeaning.ReadById read:
                if (selection.Argument(field.Field.Arguments, "id") is not [var id])
                    throw new GraphQlException($"{field.Name} needs the argument id, or use {field.Name}List to search.", field.Field, "required", path: path.Steps);
                if (field.Field.Arguments!.Items.FirstOrDefault(a => a.Name.StringValue != "id") is { } other)
                    throw new GraphQlException($"{field.Name} takes id only, not '{other.Name.StringValue}': use {field.Name}List to search.", other, path: path.Steps);
                if (!ResourceKey.IsId(id))
                    throw new GraphQlException($"'{id}' is no resource id: an id is 1 to 64 letters, digits, '-' or '.'.", field.Field, "value", path: path.Steps);
                var target = Target(field, read.Type, isList: false);
                data.Fields.Add(target);
                reads.Add(new(new(read.Type, id), 0, false, field, target, path));
                break;
            case FieldMeaning.Search search:
                AddSearch(search, field, null, data, path);
                break;
        }
    }

    private void Node(FhirNode node, List<GraphQLSelectionSet> sets, OutValue.Object into, ResultPath? path)
    {
        var elements = new ElementReader(selection, paths);
        foreach (var field in selection.Fields(sets, node.Type))
        {
            var at = new ResultPath(path, field.Key);
            switch (field.Name is "__schema" or "__type" ? new FieldMeaning.Introspect() : field.Name == "__typename" ? new FieldMeaning.TypeName() : FieldNames.OfNode(node.Type, field.Name))
            {
                case FieldMeaning.TypeName:
                    into.Fields.Add(Single(field, "string", new OutValue.Text(FieldNames.TypeName(node.Type))));
                    break;
                case FieldMeaning.ResourceType:
                    into.Fields.Add(Single(field, "code", new OutValue.Text(node.Type.Name)));
                    break;
                case FieldMeaning.Introspect:
                    into.Fields.Add(introspection.Root(field, selection));
                    break;
                case FieldMeaning.Element element:
                    Elements(elements, node, field, element, into, at);
                    break;
                case FieldMeaning.Referenced:
                    Reference(node, field, into, at);
                    break;
                case FieldMeaning.Search search when node.Index == 0 && node.TextOf("id") is { } id:
                    AddSearch(search, field, new(node.Type.Name, id), into, at);
                    break;
            }
        }
    }

    private void Elements(ElementReader elements, FhirNode node, SelectedField field, FieldMeaning.Element meaning, OutValue.Object into, ResultPath path)
    {
        var (target, items) = elements.Read(node, field, meaning);
        into.Fields.Add(target);
        foreach (var item in items)
        {
            if (item.Kind is not (NodeKind.Object or NodeKind.PrimitiveElement))
            {
                target.Items.Add(new OutValue.Stored(item));
                continue;
            }

            var inner = new OutValue.Object();
            Node(item, field.Below, inner, target.IsList ? new(path, target.Items.Count) : path);
            target.Items.Add(inner);
        }
    }

    private void Reference(FhirNode reference, SelectedField field, OutValue.Object into, ResultPath path)
    {
        var (text, type) = (reference.TextOf("reference") ?? "", selection.Argument(field.Field.Arguments, "type") is [var only] ? only : null);
        var isOptional = selection.Argument(field.Field.Arguments, "optional") is ["true"];
        if (field.Field.Arguments?.Items.FirstOrDefault(a => a.Name.StringValue is not ("optional" or "type")) is { } unknown)
            throw new GraphQlException($"'resource' takes optional and type, not '{unknown.Name.StringValue}'.", unknown, path: path.Steps);

        var target = Target(field, "Resource", isList: false);
        into.Fields.Add(target);
        if (text is ['#', .. var id])
        {
            foreach (var contained in reference.Tree.Root.Children)
                if (FhirNames.Name(contained.NameId) == "contained" && contained.TextOf("id") == id)
                {
                    if (type is null || contained.Type.Name == type)
                        Add(contained, field, target, path);
                    return;
                }
        }
        else if (ResourceKey.TryParseRelative(text.StartsWith(request.BaseUrl + "/", StringComparison.Ordinal) ? text[(request.BaseUrl.Length + 1)..] : text, out var key, out var version))
        {
            if (type is null || key.Type == type)
                reads.Add(new(key, version, isOptional, field, target, path));
            return;
        }

        if (!isOptional)
            throw new GraphQlException(text.Length == 0
                ? "The reference has no address (an identifier or display only), so its resource cannot be had. Add optional: true to go on without."
                : $"{text} is not on this server, so its resource cannot be had. Add optional: true to go on without.", field.Field, "not-found", 422, path.Steps);
    }

    private void Add(FhirNode resource, SelectedField field, OutField target, ResultPath path)
    {
        var inner = new OutValue.Object();
        Node(resource, field.Below, inner, path);
        target.Items.Add(inner);
    }

    private void AddSearch(FieldMeaning.Search search, SelectedField field, ResourceKey? from, OutValue.Object into, ResultPath path)
    {
        if (++searchCount > MaxSearches)
            throw new GraphQlException($"The query needs more than {MaxSearches} searches: ask for fewer resources at once.", field.Field, "too-costly", path: path.Steps);
        var target = Target(field, search.Type, isList: !search.IsConnection);
        into.Fields.Add(target);
        pending.Add(new(search, field, from, target, path));
    }

    private async Task ReadAsync(List<PendingRead> wanted, CancellationToken ct)
    {
        var keys = wanted.Where(r => r.Version == 0).Select(r => r.Key).Distinct().Where(k => !known.ContainsKey(k)).ToArray();
        if (keys.Length > 0)
        {
            var states = await store.LookUpAsync(keys, withBodies: true, request.Caller.Access, ct);
            for (var i = 0; i < keys.Length; i++)
                known[keys[i]] = states[i].Exists ? Parsed(keys[i], states[i].Json) : null;
        }

        foreach (var read in wanted)
        {
            var node = read.Version == 0 ? known[read.Key]
                : await store.ReadVersionAsync(read.Key, read.Version, request.Caller.Access, ct) is { IsDeleted: false } version ? Parsed(read.Key, version.Json) : (FhirNode?)null;
            if (node is { } found)
                Add(found, read.Field, read.Target, read.Path);
            else if (!read.IsOptional)
                throw new GraphQlException($"{read.Key} is not known here.{(read.Path.Above is null ? "" : " Add optional: true to go on without.")}",
                    read.Field.Field, "not-found", read.Path.Above is null ? 404 : 422, read.Path.Steps);
        }
    }

    private async Task SearchAsync(PendingSearch search, CancellationToken ct)
    {
        var page = await searches.RunAsync(search, request, selection, ct);
        var matches = new List<FhirNode>(page.Matches.Count);
        foreach (var match in page.Matches)
        {
            var node = Parsed(match.Key, match.Json);
            if (request.Caller.Access.SeesAll(match.Key.Type, Interaction.Read) && request.Caller.Access.SeesAll(match.Key.Type, Interaction.Search))
                known.TryAdd(match.Key, node); // what a search shows is not always what a read would
            if (page.FhirPath is null || paths.Holds(node, page.FhirPath, search.Field.Field))
                matches.Add(node);
        }

        if (!search.Meaning.IsConnection)
        {
            foreach (var match in matches)
                Add(match, search.Field, search.Target, new(search.Path, search.Target.Items.Count));
            return;
        }

        var connection = new OutValue.Object();
        search.Target.Items.Add(connection);
        foreach (var field in selection.Fields(search.Field.Below, c => c is null || c.Type.Name.StringValue == search.Meaning.Type + "Connection"))
            if (page.Value(field.Name) is { } value)
                connection.Fields.Add(Single(field, "string", value));
            else if (field.Name == "edges")
                Edges(search, field, matches, connection);
    }

    private void Edges(PendingSearch search, SelectedField field, List<FhirNode> matches, OutValue.Object connection)
    {
        var edges = Target(field, "Edge", isList: true);
        connection.Fields.Add(edges);
        foreach (var match in matches)
        {
            var edge = new OutValue.Object();
            var path = new ResultPath(new(search.Path, field.Key), edges.Items.Count);
            edges.Items.Add(edge);
            foreach (var part in selection.Fields(field.Below, c => c is null || c.Type.Name.StringValue == search.Meaning.Type + "Edge"))
                switch (part.Name)
                {
                    case "mode":
                        edge.Fields.Add(Single(part, "code", new OutValue.Text("match")));
                        break;
                    case "__typename":
                        edge.Fields.Add(Single(part, "string", new OutValue.Text(search.Meaning.Type + "Edge")));
                        break;
                    case "resource":
                        var target = Target(part, search.Meaning.Type, isList: false);
                        edge.Fields.Add(target);
                        Add(match, part, target, new(path, part.Key));
                        break;
                }
        }
    }

    private FhirNode Parsed(ResourceKey key, ReadOnlyMemory<byte> json)
    {
        if (++resources > MaxResources)
            throw new GraphQlException($"The query reads more than {MaxResources} resources: ask for fewer at once.", null, "too-costly");
        request.Caller.Trail?.Saw(key, json.Span); // the answer holds parts of it only
        return FhirJsonReader.Read(json, out _)?.Root ?? throw new InvalidDataException($"The stored body of {key} cannot be read; run the doctor.");
    }

    private static OutField Single(SelectedField field, string type, OutValue value)
    {
        var single = new OutField(field.Key, false, type);
        single.Items.Add(value);
        return single;
    }

    private static OutField Target(SelectedField field, string type, bool isList) =>
        new(field.Key, isList, type) { IsFlat = field.IsFlat, IsSingleton = field.IsSingleton, ShowsEmpty = isList };
}

/// <summary>A resource to fetch in the next round, and where its fields go.</summary>
internal sealed record PendingRead(ResourceKey Key, int Version, bool IsOptional, SelectedField Field, OutField Target, ResultPath Path);

/// <param name="From">The resource that the matches must refer to; null at the root.</param>
internal sealed record PendingSearch(FieldMeaning.Search Meaning, SelectedField Field, ResourceKey? From, OutField Target, ResultPath Path);
