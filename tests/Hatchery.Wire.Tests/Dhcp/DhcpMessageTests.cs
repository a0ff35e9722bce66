using System.Buffers;
using System.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Wire.Tests.Dhcp;

public sealed class DhcpMessageTests
{
    private static readonly DhcpMessage s_message = new()
    {
        Operation = DhcpOperation.Reply,
        TransactionId = 0xdeadbeef,
        Seconds = 7,
        Broadcast = true,
        Hops = 2,
        ClientAddress = IPAddress.Parse("10.0.0.1"),
        YourAddress = IPAddress.Parse("10.0.0.2"),
        NextServer = IPAddress.Parse("10.0.0.3"),
        RelayAddress = IPAddress.Parse("10.0.0.4"),
        ClientMac = MacAddress.Parse("52:54:00:12:34:56"),
        ServerName = "hatchery",
        BootFile = "undionly.kpxe",
        Options = DhcpOptions
            .None.With(DhcpMessageType.Offer)
            .With(DhcpOptionCode.Router, [IPAddress.Parse("10.0.0.254"), IPAddress.Parse("10.0.0.253")])
            .With(DhcpOptionCode.LeaseTime, TimeSpan.FromHours(1)),
    };

    [Fact]
    public void What_was_written_is_read_again()
    {
        Assert.True(DhcpMessage.TryRead(Bytes(s_message), out var read));
        Assert.Equal(s_message, read);
        Assert.Equal(DhcpMessageType.Offer, read.Type);
        Assert.Equal(3600u, read.Options.UInt32(DhcpOptionCode.LeaseTime));
        Assert.Equal(2, read.Options.Addresses(DhcpOptionCode.Router).Count);
    }

    [Fact]
    public void A_short_message_is_padded_for_BOOTP_clients() =>
        Assert.Equal(300, Bytes(s_message with { Options = DhcpOptions.None }).Length);

    [Fact]
    public void A_long_option_goes_in_pieces_and_comes_back_whole()
    {
        var value = Enumerable.Range(0, 700).Select(i => (byte)i).ToArray();
        var message = s_message with { Options = s_message.Options.With(DhcpOptionCode.VendorSpecific, value) };
        Assert.True(DhcpMessage.TryRead(Bytes(message), out var read));
        Assert.Equal(value, read.Options[DhcpOptionCode.VendorSpecific].ToArray());
    }

    [Fact]
    public void Overloaded_fields_are_read_as_options_file_before_sname()
    {
        var bytes = Bytes(s_message with { ServerName = "", BootFile = "", Options = DhcpOptions.None });
        byte[] options = [52, 1, 3, 53, 1, 2, 12, 1, (byte)'a', 255];
        options.CopyTo(bytes, 240);
        new byte[] { 12, 1, (byte)'b', 255 }.CopyTo(bytes, 108);
        new byte[] { 12, 1, (byte)'c', 255 }.CopyTo(bytes, 44);
        Assert.True(DhcpMessage.TryRead(bytes, out var read));
        Assert.Equal("abc", read.Options.Text(DhcpOptionCode.HostName));
        Assert.Equal("", read.BootFile);
        Assert.Equal("", read.ServerName);
        Assert.False(read.Options.Has(DhcpOptionCode.Overload));
    }

    [Fact]
    public void A_length_past_the_end_is_refused()
    {
        var bytes = Bytes(s_message);
        new byte[] { 12, 250 }.CopyTo(bytes, 240);
        Assert.False(DhcpMessage.TryRead(bytes.AsSpan(0, 280), out _));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 16)]
    [InlineData(236, 0)]
    public void A_wrong_fixed_field_is_refused(int offset, byte value)
    {
        var bytes = Bytes(s_message);
        bytes[offset] = value;
        Assert.False(DhcpMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void A_name_too_long_for_its_field_is_a_programmers_error() =>
        Assert.Throws<ArgumentException>(() => Bytes(s_message with { ServerName = new string('x', 65) }));

    internal static byte[] Bytes(DhcpMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        message.Write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
