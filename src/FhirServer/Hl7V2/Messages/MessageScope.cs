using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>One message while it is being turned into resources: what it says, who sent it, and what is found wrong on the way.</summary>
internal sealed class MessageScope(Message message, Msh header, SenderProfile sender, DateTimeOffset receivedAt)
{
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    public Message Message => message;

    public Msh Header => header;

    public SenderProfile Sender => sender;

    public List<MessageFault> Faults { get; } = [];

    /// <summary>The patient the message is about, once that is decided.</summary>
    public string Patient { get; init; } = "";

    /// <summary>Orders that the message names, by their numbers: <c>ServiceRequest/1</c>.</summary>
    public IReadOnlyDictionary<string, string> Orders { get; init; } = new Dictionary<string, string>();

    /// <summary>When what the message says was so: EVN-2, else MSH-7, else when it came.</summary>
    public DateTimeOffset AsOf => Past(Dtm.Parse(message.First("EVN")?[2].Text, sender.Zone)?.At ?? Dtm.Parse(header.SentAt, sender.Zone)?.At ?? receivedAt);

    /// <summary>A time by a clock that goes right, give or take a zone; one that is far ahead would keep all later facts out, and counts as when the message came.</summary>
    public DateTimeOffset Past(DateTimeOffset at) => at > receivedAt + MostAhead ? receivedAt : at;

    public string Id(string kind, params ReadOnlySpan<string?> parts) => Hl7Id.Of(sender.Name, kind, parts);

    public void Fault(string code, string text, ErrorLocation at) => Faults.Add(new(code, text, at));

    /// <summary>A date that has to be one when it is there.</summary>
    public Dtm? Time(Field field, int component = 1)
    {
        if (field.First[component] is not { } text)
            return null;
        var time = Dtm.Parse(text, sender.Zone);
        if (time is null)
            Fault(ErrorCodes.DataType, $"{field.Segment.Id}-{field.Number} is no date or time.", field.First.Component(component));
        return time;
    }

    /// <summary>The segment, or a fault that it is missing.</summary>
    public Segment? Required(string id)
    {
        var segment = message.First(id);
        if (segment is null)
            Fault(ErrorCodes.SegmentSequence, $"{header.Kind} needs the segment {id}.", new(id, 1));
        return segment;
    }

    /// <summary>The first component of a field, or a fault that it is missing.</summary>
    public string? Required(Field field, string what)
    {
        if (field.Text is { } text)
            return text;
        Fault(ErrorCodes.RequiredFieldMissing, $"{field.Segment.Id}-{field.Number}, {what}, is missing.", field.At);
        return null;
    }

    public ResourceReference Subject => new(Patient);
}
