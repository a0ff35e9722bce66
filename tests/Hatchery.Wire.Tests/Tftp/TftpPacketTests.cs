using System.Buffers;
using Hatchery.Testing;
using Hatchery.Wire.Tftp;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Tftp;

public sealed class TftpPacketTests(ITestOutputHelper output)
{
    private static readonly TftpOptions s_options = new(1468, 3, 123_456_789_012, 16);

    private static readonly TftpPacket[] s_packets =
    [
        new TftpPacket.ReadRequest("undionly.kpxe", "octet", s_options),
        new TftpPacket.ReadRequest("a", "NetASCII", TftpOptions.None),
        new TftpPacket.WriteRequest("b", "octet", new TftpOptions(WindowSize: 4)),
        new TftpPacket.Data(65535, new byte[] { 1, 2, 3 }),
        new TftpPacket.Data(1, ReadOnlyMemory<byte>.Empty),
        new TftpPacket.Acknowledgement(0),
        new TftpPacket.Error(TftpErrorCode.OptionsRefused, "User aborted the transfer"),
        new TftpPacket.OptionAcknowledgement(s_options),
    ];

    [Fact]
    public void What_was_written_is_read_again()
    {
        foreach (var packet in s_packets)
        {
            Assert.True(TftpPacket.TryRead(Bytes(packet), out var read), packet.ToString());
            Assert.Equal(packet, read);
        }
    }

    [Fact]
    public void A_data_header_is_that_of_a_data_packet()
    {
        var header = new byte[TftpDataHeader.Bytes];
        TftpDataHeader.Write(header, 513);
        Assert.Equal(Bytes(new TftpPacket.Data(513, ReadOnlyMemory<byte>.Empty)), header);
    }

    [Fact]
    public void Option_names_are_read_in_any_case_and_unknown_ones_are_left_out()
    {
        var bytes = "\0\u0001f\0octet\0BlkSize\01024\0multicast\0\0tsize\00\0"u8;
        Assert.True(TftpPacket.TryRead(bytes, out var read));
        Assert.Equal(new TftpPacket.ReadRequest("f", "octet", new TftpOptions(BlockSize: 1024, TransferSize: 0)), read);
    }

    [Fact]
    public void A_value_out_of_its_range_counts_as_absent()
    {
        Assert.True(
            TftpPacket.TryRead("\0\u0001f\0octet\0blksize\07\0windowsize\065536\0timeout\0-1\0"u8, out var read)
        );
        Assert.Equal(new TftpPacket.ReadRequest("f", "octet", TftpOptions.None), read);
    }

    [Fact]
    public void Padding_after_a_request_is_harmless()
    {
        Assert.True(TftpPacket.TryRead("\0\u0001f\0octet\0\0\0\0\0"u8, out var read));
        Assert.Equal(new TftpPacket.ReadRequest("f", "octet", TftpOptions.None), read);
    }

    [Fact]
    public void A_request_cut_short_is_refused()
    {
        Assert.False(TftpPacket.TryRead("\0\u0001f"u8, out _));
        Assert.False(TftpPacket.TryRead("\0\u0001f\0octet"u8, out _));
        Assert.False(TftpPacket.TryRead("\0\u0001f\0octet\0blksize\0"u8, out _));
    }

    [Fact]
    public void Hostile_bytes_never_throw_and_what_is_read_can_be_written()
    {
        var random = Seed.New(output, 2);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = Bytes(s_packets[random.Next(s_packets.Length)]);
            bytes = bytes[..random.Next(bytes.Length + 1)];
            for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(random.Next(2) == 0 ? 8 : 256);
            if (!TftpPacket.TryRead(bytes, out var packet))
                continue;
            Assert.True(TftpPacket.TryRead(Bytes(packet), out var again));
            Assert.Equal(packet, again);
        }
    }

    private static byte[] Bytes(TftpPacket packet)
    {
        var buffer = new ArrayBufferWriter<byte>();
        packet.Write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
