using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Tests;

/// <summary>An actor system whose host listens at a port of its own, which it tells in its log.</summary>
public sealed partial class HostedNode : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostedNode(string config)
    {
        System = ActorSystem.Create(
            "node",
            $"{config}\npetabridge.cmd.host = 127.0.0.1, akka.loglevel = INFO, akka.stdout-loglevel = OFF, akka.loggers = []"
        );
        var listener = System.ActorOf(Props.Create(() => new LogListener(Heard)));
        System.EventStream.Subscribe(listener, typeof(LogEvent));
    }

    public ActorSystem System { get; }

    public ConcurrentQueue<LogEvent> Logged { get; } = new();

    public int Port { get; private set; }

    public static Task<HostedNode> StartAsync(params CommandPaletteHandler[] palettes) => StartAsync("", palettes);

    /// <param name="settings">Below <c>petabridge.cmd</c>.</param>
    public static async Task<HostedNode> StartAsync(string settings, params CommandPaletteHandler[] palettes)
    {
        var node = With($"petabridge.cmd {{ port = 0, {settings} }}", palettes);
        node.Port = await node._port.Task.WaitAsync(s_limit);
        return node;
    }

    /// <summary>Starts the host without waiting for it to be bound.</summary>
    public static HostedNode With(string config, params CommandPaletteHandler[] palettes)
    {
        var node = new HostedNode(config);
        var host = PetabridgeCmd.Get(node.System);
        foreach (var palette in palettes)
            Assert.True(host.RegisterCommandPalette(palette));
        host.Start();
        return node;
    }

    public async ValueTask DisposeAsync() => await System.Terminate().WaitAsync(s_limit);

    private void Heard(LogEvent logged)
    {
        Logged.Enqueue(logged);
        if (Bound().Match(logged.Message.ToString()!) is { Success: true } bound)
            _port.TrySetResult(int.Parse(bound.Groups["port"].ValueSpan, provider: null));
    }

    [GeneratedRegex(@"petabridge\.cmd host bound to \[.*:(?<port>\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bound();

    private sealed class LogListener : ReceiveActor
    {
        public LogListener(Action<LogEvent> heard) => Receive(heard);
    }
}
