using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Subscriptions;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Where WebSockets of subscriptions connect. Whoever connects is told nothing before a token binds them.</summary>
internal static class SubscriptionEndpoint
{
    private const int MostConnections = 500;
    private static int connections;

    public static void Map(WebApplication app)
    {
        app.UseWebSockets(new() { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        app.Map(SubscriptionSockets.Path, async (HttpContext http, SubscriptionSockets sockets, RateLimits rates, IHostApplicationLifetime lifetime) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
            {
                http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
                http.Response.Headers.Upgrade = "websocket";
                return;
            }

            if (rates.AddressFault(http.Connection.RemoteIpAddress) is not null)
            {
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            }

            if (Interlocked.Increment(ref connections) > MostConnections)
            {
                Interlocked.Decrement(ref connections);
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            try
            {
                using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
                using var socket = await http.WebSockets.AcceptWebSocketAsync();
                await sockets.ServeAsync(socket, over.Token);
            }
            finally
            {
                Interlocked.Decrement(ref connections);
            }
        }).ExcludeFromDescription();
    }
}
