using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>What is answered to a message.</summary>
/// <param name="Code">AA, AE or AR; an accept acknowledgement of the enhanced mode begins with C instead.</param>
/// <param name="Text">MSA-3: a sentence for whoever reads logs; empty for none.</param>
internal sealed record Acknowledgement(string Code, string Text, IReadOnlyList<MessageFault> Faults)
{
    public const string Accepted = "AA";
    public const string InError = "AE";
    public const string Rejected = "AR";

    private const int MostFaults = 20;

    public bool IsAccepted => Code == Accepted;

    public static Acknowledgement Of(IReadOnlyList<MessageFault> faults) => new(faults.Any(f => ErrorCodes.IsRejection(f.Code)) ? Rejected : InError, "", faults);

    public static Acknowledgement Of(MessageFault fault) => Of([fault]);

    /// <summary>The message that answers <paramref name="asked"/> (chapter 2.9); without it, of what could be read.</summary>
    /// <param name="asked">Null when not even MSH could be read.</param>
    /// <param name="id">MSH-10 of the answer.</param>
    public byte[] Render(Msh? asked, string id, DateTimeOffset now)
    {
        var draft = new MessageDraft();
        var msh = draft.Add("MSH").Set(3, asked?.ReceivingApplication is { Length: > 0 } own ? own : "FhirEmr").Set(4, asked?.ReceivingFacility).Set(5, asked?.Application).Set(6, asked?.Facility)
            .Set(7, Dtm.Write(now)).Set(10, id).Set(11, asked?.ProcessingId is { Length: > 0 } processing ? processing : "P").Set(12, asked?.Version is { Length: > 0 } version ? version : "2.5.1").Set(18, "UNICODE UTF-8");
        if (asked is { Event.Length: > 0 })
            msh.Set(9, "ACK", asked.Event, "ACK");
        else
            msh.Set(9, "ACK");
        draft.Add("MSA").Set(1, Code).Set(2, asked?.ControlId).Set(3, Text.Length > 0 ? Text : Faults.Count > 0 ? Faults[0].Text : null);
        foreach (var fault in Faults.Take(MostFaults))
            draft.Add("ERR").Set(2, [.. fault.At?.Parts ?? []]).Set(3, fault.Code, ErrorCodes.NameOf(fault.Code), "HL70357").Set(4, "E").Set(8, fault.Text);
        return draft.ToBytes();
    }

    /// <summary>The accept acknowledgement (CA, CE, CR) that goes with an answer already rendered.</summary>
    public static byte[] AcceptOf(byte[] rendered)
    {
        var text = Charsets.Utf8.GetString(rendered);
        var at = text.IndexOf("\rMSA|A", StringComparison.Ordinal);
        return at < 0 ? rendered : Charsets.Utf8.GetBytes(string.Concat(text.AsSpan(0, at), "\rMSA|C", text.AsSpan(at + 6)));
    }

    /// <summary>The frames that go back: one in the original mode, none to two in the enhanced one (MSH-15, MSH-16).</summary>
    public static IReadOnlyList<byte[]> Frames(Msh? asked, string code, byte[] rendered)
    {
        if (asked is not { IsEnhanced: true })
            return [rendered];
        var frames = new List<byte[]>(2);
        if (IsWanted(asked.AcceptAck, code))
            frames.Add(AcceptOf(rendered));
        if (IsWanted(asked.ApplicationAck, code))
            frames.Add(rendered);
        return frames;
    }

    /// <summary>HL7 table 0155. An empty one beside one that is valued means never.</summary>
    private static bool IsWanted(string condition, string code) => condition switch
    {
        "AL" => true,
        "ER" => code != Accepted,
        "SU" => code == Accepted,
        _ => false,
    };

    public static string IdOf(string key) => string.Create(CultureInfo.InvariantCulture, $"A{key[..19]}");
}
