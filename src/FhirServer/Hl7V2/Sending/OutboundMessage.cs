using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Sending;

/// <summary>A message that goes out, as it is kept until it is answered and after: a Basic like those that came in (reliability R-21).</summary>
internal static class OutboundMessage
{
    public static Basic Of(string id, string destination, string kind, string controlId, byte[] message, ResourceReference subject, DateTimeOffset now, ISymbols symbols)
    {
        var basic = new Basic
        {
            Id = id,
            Identifier = [new Identifier(Hl7V2Urls.MessageKey, $"{destination}|{controlId}")],
            Code = new CodeableConcept { Coding = [new Coding(Hl7V2Urls.Kind, Hl7V2Urls.Outbound), new Coding(Hl7V2Urls.State, Hl7V2Urls.Queued), new Coding(Hl7V2Urls.Destination, destination)] },
            Subject = subject,
            Created = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        basic.Extension.Add(new Extension(Hl7V2Urls.Original, new Attachment { ContentType = Hl7V2Urls.ContentType, Data = message, Creation = now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) }));
        basic.Extension.Add(new Extension(Hl7V2Urls.MessageType, new FhirString(kind)));
        basic.Extension.Add(new Extension(Hl7V2Urls.Seal, new FhirString(SealOf(basic, message, symbols))));
        return basic;
    }

    /// <summary>Whether this store's server has written it, for this destination: whoever may write a Basic may not make a message of it.</summary>
    public static bool IsGenuine(Basic basic, ISymbols symbols) =>
        StoredMessage.OriginalOf(basic)?.Data is { } message && basic.GetExtensionValue<FhirString>(Hl7V2Urls.Seal)?.Value == SealOf(basic, message, symbols);

    public static int AttemptsOf(Basic basic) => basic.GetExtensionValue<Integer>(Hl7V2Urls.Attempts)?.Value ?? 0;

    public static DateTimeOffset? NextAttemptOf(Basic basic) => basic.GetExtensionValue<Instant>(Hl7V2Urls.NextAttempt)?.Value;

    public static DateTimeOffset? QueuedAtOf(Basic basic) => StoredMessage.OriginalOf(basic)?.Creation is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;

    public static string ControlIdOf(Basic basic) => basic.Identifier.Find(i => i.System == Hl7V2Urls.MessageKey)?.Value?.Split('|')[^1] ?? "";

    /// <summary>By the store's own key, which nobody is told.</summary>
    private static string SealOf(Basic basic, byte[] message, ISymbols symbols) => symbols.Hash(
        [.. Encoding.UTF8.GetBytes($"{basic.Id}\n{basic.Code!.Coding.Find(c => c.System == Hl7V2Urls.Destination)?.Code}\n{ControlIdOf(basic)}\n"), .. message]).ToString(CultureInfo.InvariantCulture);

    public static void SetState(Basic basic, string state) => basic.Code!.Coding.Find(c => c.System == Hl7V2Urls.State)!.Code = state;

    public static void Set(Basic basic, string url, DataType value)
    {
        basic.Extension.RemoveAll(e => e.Url == url);
        basic.Extension.Add(new Extension(url, value));
    }
}
