using FhirEmr.FhirServer.Hl7V2.Messages;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>A message as it is kept: a Basic with the original, the answer and what became of it.</summary>
/// <remarks>
/// Basic, since no built-in role of clinicians or patients reads it: an original holds all that its sender wrote. It belongs to the patient once that is known, so
/// labels and consents hold for it.
/// </remarks>
internal static class StoredMessage
{
    /// <summary>Longer ones stand in a Binary, which is encrypted and not in every read of the Basic.</summary>
    public const int MostInline = 32 * 1024;

    public const string AppliedAlready = "The message was applied already; correct what it made where it stands.";

    public static string IdOf(SenderProfile sender, Msh header) =>
        Hl7Id.Of(sender.Name, "message", header.ControlId, sender.ReusesControlIds ? header.SentAt : null);

    public static Basic Of(string id, SenderProfile sender, Msh header, string hash, ReadOnlyMemory<byte> original, byte[] answer, string state, string? patient, DateTimeOffset receivedAt, out Binary? content)
    {
        content = null;
        var attachment = new Attachment { ContentType = Hl7V2Urls.ContentType, Creation = receivedAt.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture) };
        if (original.Length > MostInline)
        {
            content = new Binary { Id = id, ContentType = Hl7V2Urls.ContentType, Data = original.ToArray(), SecurityContext = new ResourceReference($"Basic/{id}") };
            attachment.Url = $"Binary/{id}";
        }
        else
        {
            attachment.Data = original.ToArray();
        }

        var basic = new Basic
        {
            Id = id,
            Identifier = [new Identifier(Hl7V2Urls.MessageKey, $"{sender.Name}|{header.ControlId}"), new Identifier(Hl7V2Urls.ContentHash, hash)],
            Code = new CodeableConcept { Coding = [new Coding(Hl7V2Urls.Kind, Hl7V2Urls.Received), new Coding(Hl7V2Urls.State, state)] },
            Subject = patient is null ? null : new ResourceReference(patient),
            Created = receivedAt.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        };
        basic.Extension.Add(new Extension(Hl7V2Urls.Original, attachment));
        basic.Extension.Add(new Extension(Hl7V2Urls.Answer, new Attachment { ContentType = Hl7V2Urls.ContentType, Data = answer }));
        basic.Extension.Add(new Extension(Hl7V2Urls.MessageType, new FhirString(header.Kind)));
        basic.Extension.Add(new Extension(Hl7V2Urls.Sender, new FhirString(sender.Name)));
        return basic;
    }

    public static string? StateOf(Basic basic) => basic.Code?.Coding.Find(c => c.System == Hl7V2Urls.State)?.Code;

    public static string? HashOf(Basic basic) => basic.Identifier.Find(i => i.System == Hl7V2Urls.ContentHash)?.Value;

    public static string? SenderOf(Basic basic) => (basic.GetExtensionValue<FhirString>(Hl7V2Urls.Sender))?.Value;

    public static DateTimeOffset? ReceivedAtOf(Basic basic) => DateTimeOffset.TryParse(OriginalOf(basic)?.Creation, System.Globalization.CultureInfo.InvariantCulture, out var at) ? at : null;

    /// <summary>Why it was parked or refused.</summary>
    public static string? ReasonOf(Basic basic) => basic.GetExtensionValue<FhirString>(Hl7V2Urls.Reason)?.Value;

    public static byte[]? AnswerOf(Basic basic) => basic.GetExtensionValue<Attachment>(Hl7V2Urls.Answer)?.Data;

    public static Attachment? OriginalOf(Basic basic) => basic.GetExtensionValue<Attachment>(Hl7V2Urls.Original);
}
