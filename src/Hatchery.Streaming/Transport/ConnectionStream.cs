using Akka.Streams;
using Akka.Streams.Dsl;

namespace Hatchery.Streaming.Transport;

/// <summary>A connection as a stream: socket, engine, socket, fused into one island.</summary>
internal static class ConnectionStream
{
    /// <summary>Runs each connection in a stream of its own.</summary>
    public static ConnectionRunner By(IMaterializer materializer) =>
        async (socket, engine) =>
        {
            using var polled = new PolledSocket(socket);
            await Source
                .FromGraph(new SocketSource(polled, engine))
                .Via(new ServeFlow(engine))
                .ToMaterialized(Sink.FromGraph(new SocketSink(polled)), Keep.Right)
                .Run(materializer);
        };
}
