using System.Diagnostics.Metrics;

namespace Hatchery.Streaming;

/// <summary>Metrics of the stream service, by protocol.</summary>
internal static class Telemetry
{
    private static readonly Meter s_meter = new("Hatchery.Streaming");

    private static readonly UpDownCounter<int> s_connections = s_meter.CreateUpDownCounter<int>(
        "hatchery.streaming.connections",
        "{connection}",
        "Connections that are open"
    );

    public static void ConnectionOpened(StreamProtocol protocol) => s_connections.Add(1, Tag(protocol));

    public static void ConnectionClosed(StreamProtocol protocol) => s_connections.Add(-1, Tag(protocol));

    private static KeyValuePair<string, object?> Tag(StreamProtocol protocol) => new("protocol", protocol.ToString());
}
