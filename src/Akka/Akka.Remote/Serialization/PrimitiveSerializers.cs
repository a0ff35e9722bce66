using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Texts and whole numbers.</summary>
public sealed class PrimitiveSerializers : SerializerWithStringManifest
{
    private const string StringManifest = "S";
    private const string Int32Manifest = "I";
    private const string Int64Manifest = "L";

    /// <summary>Takes a section that may be empty.</summary>
    public PrimitiveSerializers(ExtendedActorSystem system, Config config)
        : base(system) => _ = config;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            string => StringManifest,
            int => Int32Manifest,
            long => Int64Manifest,
            _ => throw Unknown(o),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case string text:
                return Encoding.UTF8.GetBytes(text);
            case int number:
                var four = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(four, number);
                return four;
            case long number:
                var eight = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(eight, number);
                return eight;
            default:
                throw Unknown(obj);
        }
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case StringManifest:
                return Encoding.UTF8.GetString(bytes);
            case Int32Manifest when BinaryPrimitives.TryReadInt32LittleEndian(bytes, out var number):
                return number;
            case Int64Manifest when BinaryPrimitives.TryReadInt64LittleEndian(bytes, out var number):
                return number;
            default:
                throw Payload.Malformed();
        }
    }

    private static ArgumentException Unknown(object obj) => new($"{obj.GetType()} is no primitive", nameof(obj));
}
