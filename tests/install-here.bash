# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# What is installed at boot, in the folder $PREFIX.

# The programs find their library beside their folder, without being linked
# again, which takes the lab half a minute.
install_here() {
    make -s install-boot DESTDIR=/ PREFIX="$PREFIX"
    mkdir "$PREFIX/sbin"
    cp "$O"/bin/* "$PREFIX/sbin"
    cp -r "$O/lib/." "$PREFIX/lib"
}
