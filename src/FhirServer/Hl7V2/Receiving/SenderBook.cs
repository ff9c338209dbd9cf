using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>All senders, read at the start. Whoever is not configured sends under a name of its own and with empty tables.</summary>
internal sealed class SenderBook
{
    private readonly TimeZoneInfo practiceZone;
    private readonly Dictionary<string, SenderProfile> profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> ofClient = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">A setting or a table cannot be used: the sentence says which.</exception>
    public SenderBook(IReadOnlyDictionary<string, SenderOptions> senders, TimeZoneInfo practiceZone)
    {
        this.practiceZone = practiceZone;
        foreach (var (name, options) in senders)
        {
            if (!SenderProfile.IsName(name))
                throw new InvalidOperationException($"Hl7V2:Senders:{name}: a sender's name is of letters, digits, '.', '_' and '-'.");
            profiles[name] = Profile(name, options);
            foreach (var client in options.Clients)
                if (!ofClient.TryAdd(client, name))
                    throw new InvalidOperationException($"Hl7V2:Senders:{name}:Clients: {client} already sends as {ofClient[client]}.");
        }
    }

    public SenderProfile Named(string name) => profiles.TryGetValue(name, out var known) ? known : new SenderProfile(name, SenderTables.Empty, practiceZone);

    /// <summary>Who a client sends as: no client can say it is another's sender.</summary>
    public SenderProfile OfClient(string client) => Named(ofClient.TryGetValue(client, out var name) ? name : "client-" + client);

    private SenderProfile Profile(string name, SenderOptions options)
    {
        var tables = SenderTables.Empty;
        if (options.Tables is { Length: > 0 } file)
        {
            if (!File.Exists(file))
                throw new InvalidOperationException($"Hl7V2:Senders:{name}:Tables: there is no file {file}.");
            (tables, var faults) = SenderTables.Read(File.ReadLines(file));
            if (faults.Count > 0)
                throw new InvalidOperationException($"Hl7V2:Senders:{name}:Tables: {string.Join(' ', faults.Take(5))}");
        }

        var zone = practiceZone;
        if (options.TimeZone is { Length: > 0 } id && !TimeZoneInfo.TryFindSystemTimeZoneById(id, out zone))
            throw new InvalidOperationException($"Hl7V2:Senders:{name}:TimeZone: '{id}' is no time zone; write a name such as America/Chicago.");
        return new SenderProfile(name, tables, zone)
        {
            Charset = Charsets.Find(options.Charset) ?? throw new InvalidOperationException($"Hl7V2:Senders:{name}:Charset: '{options.Charset}' is not read here."),
            IdentifierSystem = options.IdentifierSystem,
            CreatesPatients = options.CreatesPatients,
            TakesTests = options.TakesTests,
            ReusesControlIds = options.ReusesControlIds,
        };
    }
}
