using System.Net.Sockets;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Hatchery.Streaming.Transport;

/// <summary>A connection as a stream: socket, engine, socket, fused into one island.</summary>
internal static class ConnectionStream
{
    /// <summary>Runs each connection in a stream of its own.</summary>
    public static ConnectionRunner By(IMaterializer materializer) =>
        (socket, engine) =>
            Source
                .FromGraph(new SocketSource(socket, engine))
                .Via(new ServeFlow(engine))
                .ToMaterialized(Sink.FromGraph(new SocketSink(socket)), Keep.Right)
                .Run(materializer);
}
