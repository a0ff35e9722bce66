using System.Text;
using Hatchery.Wire.Scsi;

namespace Hatchery.Wire.Tests.Scsi;

public sealed class ParameterPagesTests
{
    [Fact]
    public void Standard_inquiry_names_vendor_product_and_revision_padded()
    {
        var bytes = new StandardInquiry("HATCHERY", "vDisk", "1").ToBytes();
        Assert.Equal(96, bytes.Length);
        Assert.Equal(91, bytes[4]);
        Assert.Equal("HATCHERYvDisk           1   ", Encoding.ASCII.GetString(bytes, 8, 28));
        Assert.Equal(0x02, bytes[7] & 0x02);
    }

    [Fact]
    public void Each_page_names_itself_and_its_length()
    {
        byte[][] pages =
        [
            VpdPage.SupportedPages(),
            VpdPage.Serial("0123"),
            VpdPage.Identification(new byte[16], "HATCHERY", "0123"),
            VpdPage.Limits(32_768, 8, 512),
            VpdPage.Characteristics(),
            VpdPage.Provisioning(),
        ];
        Assert.All(pages, page => Assert.Equal(page.Length - 4, (page[2] << 8) | page[3]));
        Assert.Equal(pages[0][4..], pages.Select(p => p[1]));
    }

    [Fact]
    public void Capacity_beyond_32_bits_sends_the_initiator_to_the_long_form()
    {
        var capacity = new ReadCapacity(0x1_0000_0001, 512);
        Assert.Equal("ffffffff00000200", Convert.ToHexStringLower(capacity.ToShortForm()));
        Assert.True(ReadCapacity.TryReadLongForm(capacity.ToLongForm(), out var read));
        Assert.Equal(capacity, read);
    }

    [Fact]
    public void The_caching_page_says_that_the_write_cache_is_on()
    {
        var bytes = ModePages.ToBytes(ModePages.Caching, 0, longHeader: false, readOnly: false)!;
        Assert.Equal(bytes.Length - 1, bytes[0]);
        Assert.Equal(0x04, bytes[6] & 0x04);
    }

    [Fact]
    public void A_read_only_disk_is_write_protected_in_both_headers()
    {
        Assert.Equal(0x80, ModePages.ToBytes(ModePages.All, 0, longHeader: false, readOnly: true)![2] & 0x80);
        Assert.Equal(0x80, ModePages.ToBytes(ModePages.All, 0, longHeader: true, readOnly: true)![3] & 0x80);
    }

    [Theory]
    [InlineData(0x01, 0)]
    [InlineData(0xc8, 0)]
    [InlineData(0x08, 1)]
    public void Unknown_pages_and_saved_values_are_refused(byte page, byte subpage) =>
        Assert.Null(ModePages.ToBytes(page, subpage, longHeader: false, readOnly: false));

    [Fact]
    public void Every_supported_command_reports_the_usage_of_its_CDB()
    {
        var all = SupportedOpcodes.ToBytes(new(ScsiOpcode.MaintenanceIn, 0x0c, 0, 0, 0, 0))!;
        Assert.Equal(all.Length - 4, (all[2] << 8) | all[3]);
        for (var at = 4; at < all.Length; at += 8)
        {
            var options = (byte)(all[at + 5] & 1) + 1;
            var one = SupportedOpcodes.ToBytes(
                new(ScsiOpcode.MaintenanceIn, 0x0c, (byte)options, all[at], all[at + 3], 0)
            )!;
            Assert.Equal(3, one[1]);
            Assert.Equal(all[at], one[4]);
        }
    }

    [Fact]
    public void An_operation_code_that_is_not_there_is_reported_as_such() =>
        Assert.Equal([0, 1, 0, 0], SupportedOpcodes.ToBytes(new(ScsiOpcode.MaintenanceIn, 0x0c, 1, 0x5f, 0, 0)));
}
