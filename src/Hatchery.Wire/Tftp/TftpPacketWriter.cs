using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Wire.Tftp;

internal static class TftpPacketWriter
{
    public static void Write(TftpPacket packet, IBufferWriter<byte> destination)
    {
        switch (packet)
        {
            case TftpPacket.ReadRequest request:
                WriteNumber((ushort)TftpOpcode.ReadRequest, destination);
                WriteRequest(request.FileName, request.Mode, request.Options, destination);
                break;
            case TftpPacket.WriteRequest request:
                WriteNumber((ushort)TftpOpcode.WriteRequest, destination);
                WriteRequest(request.FileName, request.Mode, request.Options, destination);
                break;
            case TftpPacket.Data data:
                WriteNumber((ushort)TftpOpcode.Data, destination);
                WriteNumber(data.Block, destination);
                destination.Write(data.Payload.Span);
                break;
            case TftpPacket.Acknowledgement acknowledgement:
                WriteNumber((ushort)TftpOpcode.Acknowledgement, destination);
                WriteNumber(acknowledgement.Block, destination);
                break;
            case TftpPacket.Error error:
                WriteNumber((ushort)TftpOpcode.Error, destination);
                WriteNumber((ushort)error.Code, destination);
                WriteText(error.Message, destination);
                break;
            case TftpPacket.OptionAcknowledgement acknowledgement:
                WriteNumber((ushort)TftpOpcode.OptionAcknowledgement, destination);
                acknowledgement.Options.Write(destination);
                break;
        }
    }

    private static void WriteRequest(string fileName, string mode, TftpOptions options, IBufferWriter<byte> destination)
    {
        WriteText(fileName, destination);
        WriteText(mode, destination);
        options.Write(destination);
    }

    private static void WriteNumber(ushort number, IBufferWriter<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination.GetSpan(2), number);
        destination.Advance(2);
    }

    private static void WriteText(string text, IBufferWriter<byte> destination)
    {
        Encoding.Latin1.GetBytes(text, destination);
        destination.Write([(byte)0]);
    }
}
