using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Petabridge.Cmd.Cluster.Sharding;
using Petabridge.Cmd.Host;
using Petabridge.Cmd.Tests;

namespace Petabridge.Cmd.Cluster.Tests;

/// <summary>A node's pbm host with the cluster's palettes, and a client of it.</summary>
internal static partial class OperatedNode
{
    /// <summary>What a system needs for <see cref="ConnectAsync"/>: its log tells the host's port.</summary>
    public const string Config =
        "petabridge.cmd { host = 127.0.0.1, port = 0 }, akka.loglevel = INFO, akka.stdout-loglevel = OFF, akka.loggers = []\n";

    public static async Task<HostClient> ConnectAsync(ActorSystem system)
    {
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = system.ActorOf(Props.Create(() => new Listener(port)));
        system.EventStream.Subscribe(listener, typeof(Info));
        var host = PetabridgeCmd.Get(system);
        Assert.True(host.RegisterCommandPalette(ClusterCommands.Instance));
        Assert.True(host.RegisterCommandPalette(ClusterShardingCommands.Instance));
        host.Start();
        return await HostClient.ConnectAsync(await port.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [GeneratedRegex(@"petabridge\.cmd host bound to \[.*:(?<port>\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bound();

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<int> port) =>
            Receive<Info>(logged =>
            {
                if (Bound().Match(logged.Message.ToString()!) is { Success: true } bound)
                    port.TrySetResult(int.Parse(bound.Groups["port"].ValueSpan, provider: null));
            });
    }
}
