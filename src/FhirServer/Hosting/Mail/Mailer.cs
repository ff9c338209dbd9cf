using System.Net;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace FhirEmr.FhirServer.Hosting.Mail;

/// <summary>Sends one mail. What is in it is nobody's record: mail is read on the way (security S-89).</summary>
internal sealed class Mailer(IOptions<MailOptions> options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <param name="id">The same mail sent again has the same one, by which receivers know it.</param>
    /// <exception cref="MailException">It was not taken: a sentence without the mail's content.</exception>
    public async Task SendAsync(string id, string to, string subject, string text, CancellationToken ct)
    {
        var settings = options.Value;
        using var message = new MimeMessage { MessageId = $"{id}@{settings.From[(settings.From.LastIndexOf('@') + 1)..].TrimEnd('>')}", Subject = subject, Body = new TextPart("plain") { Text = text } };
        message.From.Add(MailboxAddress.Parse(settings.From));
        message.To.Add(MailboxAddress.Parse(to));
        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        try
        {
            await client.ConnectAsync(settings.Host, settings.Port, Safety(settings), ct);
            if (settings.User.Length > 0)
                await client.AuthenticateAsync(settings.User, settings.Password, ct);
            await client.SendAsync(message, ct);
            await client.DisconnectAsync(quit: true, ct);
        }
        catch (Exception e) when (e is CommandException or ProtocolException or AuthenticationException or SslHandshakeException or IOException or TimeoutException or System.Net.Sockets.SocketException or NotSupportedException)
        {
            throw new MailException($"{settings.Host}:{settings.Port} did not take the mail: {e.Message}", e);
        }
    }

    /// <summary>A relay on this machine may do without TLS; nothing else may.</summary>
    private static SecureSocketOptions Safety(MailOptions settings) =>
        settings.Port == 465 ? SecureSocketOptions.SslOnConnect
        : settings.Host == "localhost" || (IPAddress.TryParse(settings.Host, out var address) && IPAddress.IsLoopback(address)) ? SecureSocketOptions.StartTlsWhenAvailable
        : SecureSocketOptions.StartTls;
}

/// <summary>Mail that could not be sent.</summary>
internal sealed class MailException(string message, Exception inner) : Exception(message, inner);
