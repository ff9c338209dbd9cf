using System.Net.Sockets;
using System.Text;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Mllp;

public sealed class MllpListenerTests
{
    [Fact]
    public async Task Who_finds_no_place_among_the_writes_is_told_to_send_again()
    {
        var options = new ListenerOptions { Sender = "LAB", Client = "lab" };
        using var listener = new MllpListener(options, null!, new SenderBook(new Dictionary<string, SenderOptions>(), TimeZoneInfo.Utc), new MessageLimits(), (_, _) => new(Caller.System), (_, _) => new((IDisposable?)null), TimeProvider.System, NullLogger<MllpListener>.Instance);
        listener.Open();
        using var stop = new CancellationTokenSource();
        var running = listener.RunAsync(stop.Token);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(listener.EndPoint!, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(MllpFrames.Wrap(Encoding.UTF8.GetBytes("MSH|^~\\&|A|B|C|D|2026||ADT^A04|17|P|2.5.1\rPID|1\r")), TestContext.Current.CancellationToken);
            var buffer = new byte[4096];
            var answer = Encoding.UTF8.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken));
            Assert.Contains("\rMSA|AR|17|", answer, StringComparison.Ordinal);
            Assert.Contains("|207^", answer, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await running;
    }
}
