using FhirEmr.FhirServer.Hl7V2.Messages;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>What came of a message.</summary>
/// <param name="Header">Null when not even MSH could be read.</param>
/// <param name="Code">AA, AE, AR.</param>
/// <param name="Answer">The acknowledgement as it goes back.</param>
internal sealed record Received(Msh? Header, string Code, byte[] Answer)
{
    /// <summary>It had been here before, with the same content: the answer is the first one.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>A person has to say who it is about.</summary>
    public bool IsParked { get; init; }

    /// <summary>Why, for a replay: the sentences of the faults, or of the reason it is parked.</summary>
    public string? Why { get; init; }

    /// <summary>It could not be stored for reasons that pass: the same message may be sent again.</summary>
    public bool IsTransient { get; init; }
}
