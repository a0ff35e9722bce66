using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Boot.Http;
using Hatchery.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Http;

public sealed class HttpConnectionCapTests : IAsyncDisposable
{
    private readonly HttpConnectionCap _cap = new(100, 32, NullLogger.Instance);
    private readonly TaskCompletionSource _held = new();
    private readonly WebApplication _web;
    private readonly List<Socket> _crowd = [];

    public HttpConnectionCapTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, _cap.Bound));
        _web = builder.Build();
        _cap.Watch(_web);
        _web.MapGet("/", () => "served");
        _web.MapGet(
            "/slow",
            async context =>
            {
                await context.Response.WriteAsync("begun");
                await _held.Task;
                await context.Response.WriteAsync("ended");
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        _crowd.ForEach(s => s.Dispose());
        await _web.DisposeAsync();
    }

    [Fact]
    public async Task Five_thousand_idle_connections_from_one_address_leave_room_for_everybody_else()
    {
        await _web.StartAsync();
        await CrowdAsync(5_000, _ => IPAddress.Parse("127.0.0.2"));
        await Eventually.TrueAsync(() => _cap.Use.Refused == 5_000 - 32);
        Assert.Equal("served", await GetAsync("/"));
    }

    [Fact]
    public async Task Idle_connections_give_way_and_those_that_are_answered_do_not()
    {
        await _web.StartAsync();
        using var http = new HttpClient();
        using var slow = await http.GetAsync(_web.Urls.Single() + "/slow", HttpCompletionOption.ResponseHeadersRead);
        await CrowdAsync(300, i => new([127, 0, 1, (byte)(1 + (i / 10))]));
        await Eventually.TrueAsync(() => _cap.Use.Evicted == 201);
        Assert.Equal("served", await GetAsync("/"));
        _held.SetResult();
        Assert.Equal("begunended", await slow.Content.ReadAsStringAsync());
    }

    private async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(_web.Urls.Single() + path);
    }

    private async Task CrowdAsync(int count, Func<int, IPAddress> from)
    {
        var port = new Uri(_web.Urls.Single()).Port;
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _crowd.Add(socket);
            socket.Bind(new IPEndPoint(from(i), 0));
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                // Turned away before it knew that it was connected.
            }
            // No more may wait to be accepted than the kernel keeps for a server that is slow.
            if (i % 100 == 99)
                await Eventually.TrueAsync(() => _cap.Use is var use && use.Open + use.Refused + use.Evicted > i);
        }
    }
}
