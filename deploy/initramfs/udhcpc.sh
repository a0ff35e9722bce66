#!/bin/busybox sh
# What udhcpc's lease means for the card; taking the address away would cut the root off, so nothing ever does.
case $1 in
  bound | renew)
    ip addr replace "$ip/${mask:-24}" dev "$interface" valid_lft forever
    for gateway in $router; do ip route replace default via "$gateway" dev "$interface" && break; done
    for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
    ;;
esac
