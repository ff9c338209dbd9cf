using System.Net;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>Section <c>Hl7V2:Destinations:[name]</c>: a system that takes our orders over MLLP.</summary>
internal sealed class DestinationOptions
{
    public string Host { get; set; } = "";

    public int Port { get; set; }

    /// <summary>TLS is spoken; it has to be beyond this machine.</summary>
    public bool Tls { get; set; }

    /// <summary>SHA-256 thumbprint of its certificate, instead of a chain to a known authority.</summary>
    public string? Thumbprint { get; set; }

    /// <summary>MSH-5.</summary>
    public string Application { get; set; } = "";

    /// <summary>MSH-6.</summary>
    public string Facility { get; set; } = "";

    /// <summary>OML^O21 or ORM^O01.</summary>
    public string Message { get; set; } = Messages.OrderMessage.Oml;

    public int AnswerSeconds { get; set; } = 30;

    /// <summary>After so long without AA an order is given up, and a person is told.</summary>
    public int GiveUpHours { get; set; } = 24;

    public IReadOnlyList<string> Faults(string where)
    {
        var faults = new List<string>();
        if (Host.Length == 0 || Port is < 1 or > 65535)
            faults.Add($"{where}: Host and Port say where orders go.");
        if (Message is not (Messages.OrderMessage.Oml or Messages.OrderMessage.Orm))
            faults.Add($"{where}:Message: '{Message}' is not {Messages.OrderMessage.Oml} or {Messages.OrderMessage.Orm}.");
        if (AnswerSeconds is < 1 or > 600 || GiveUpHours is < 1 or > 720)
            faults.Add($"{where}: AnswerSeconds is 1 to 600, GiveUpHours 1 to 720.");
        if (!Tls && Host is not "localhost" && !(IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address)))
            faults.Add($"{where}:Tls: records do not travel in the clear. Beyond this machine it must be true; or send to 127.0.0.1, to a tunnel.");
        return faults;
    }
}
